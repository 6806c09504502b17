"""Pictures, weights and hidden states: what is known is seen, and nothing is left changed."""

import pytest
import torch

from siu.attacks.methods.pruning import pruned, smallest
from siu.attacks.methods.typographic import write_on
from siu.attacks.perturbation import perturb, with_change
from siu.attacks.pixels import answer_loss, pixel_range, pixels_of
from siu.attacks.rounding import BLOCK, NF4, round_to_nearest, rounded
from siu.data.images import load_image
from siu.models import Turn, TurnEncoder
from siu.models.merged import linear_layers, merged_adapter

BUDGETS = {
    "linear_probe": {"steps": 30},
    "logit_lens": {"pictures": 4},
    "pruning": {"pictures": 3, "sparsities": [0.3]},
    "quantisation": {"pictures": 3, "precisions": ["int4", "gptq", "awq"]},
    "transforms": {"pictures": 3},
}


def test_a_probe_without_a_gold_model_is_no_reason(vlm, find):
    finding = find("linear_probe", vlm, beside_gold=False, **BUDGETS["linear_probe"])
    assert finding.concept.attacked > 0.7
    assert not finding.gated


@pytest.mark.parametrize("name", ["logit_lens", "pruning", "quantisation", "transforms"])
def test_a_known_concept_is_seen_through_changes(name, vlm, find):
    finding = find(name, vlm, **BUDGETS[name])
    assert finding.concept.attacked > 0.6
    assert finding.gold.attacked < 0.4
    assert any(curve.name.startswith("gold model") for curve in finding.curves)


def test_a_known_concept_is_named_beside_others(vlm, find):
    finding = find("few_shot", vlm, beside_gold=False, pictures=4)
    assert set(finding.concept.variants) == {"beside 1", "beside 2"}
    assert finding.concept.attacked > 0.6
    assert finding.strangers.attacked < 0.3


def test_a_name_known_from_text_is_taught_sooner_than_a_new_one(gold, find):
    """So the gold model, which never read the concept's name either, is too strict a control."""
    finding = find("relearning", gold, beside_gold=False, pictures=4, steps=[0, 16])
    assert {curve.name for curve in finding.curves} == {"3 pictures", "a new name", "a known name"}
    assert finding.retained[0].attacked > finding.strangers.attacked
    assert finding.retained[0].plain == 0.0


def test_rounding_keeps_levels_and_stays_near():
    weight = torch.randn(4, 2 * BLOCK, generator=torch.Generator().manual_seed(0))
    for precision, distance in (("bf16", 0.02), ("int8", 0.02), ("int4", 0.4), ("nf4", 0.6)):
        once = round_to_nearest(weight, precision)
        assert once.shape == weight.shape
        assert 0 < (once - weight).abs().max() < distance
        torch.testing.assert_close(round_to_nearest(once, precision), once)
    levels = round_to_nearest(weight, "nf4")[0, :BLOCK] / weight[0, :BLOCK].abs().max()
    assert all(min(abs(value - level) for level in NF4) < 1e-6 for value in levels.tolist())


def test_the_smallest_weights_are_pruned():
    weight = torch.tensor([[3.0, -1.0], [-4.0, 2.0]])
    assert smallest(weight, 0.5).tolist() == [[False, True], [False, True]]
    assert smallest(weight, 0.01).sum() == 1, "one at least"


def test_pruned_weights_are_put_back(vlm):
    before = {name: weight.clone() for name, weight in vlm.model.named_parameters()}
    with pruned(vlm, 0.5):
        zeros = [(module.weight == 0).float().mean() for module in linear_layers(vlm)]
        assert all(0.49 < share < 0.51 for share in zeros)
    assert all(torch.equal(weight, before[name]) for name, weight in vlm.model.named_parameters())


def test_weights_are_put_back(vlm, refusing):
    before = {name: weight.clone() for name, weight in vlm.model.named_parameters()}
    with merged_adapter(vlm, refusing) as merged:
        assert any(not torch.equal(weight, before[name]) for name, weight in merged.model.named_parameters())
        with rounded(merged, "int4"):
            pass
    assert all(torch.equal(weight, before[name]) for name, weight in vlm.model.named_parameters())


def test_a_perturbation_stays_in_its_box_and_lowers_the_loss(vlm, cases):
    case, encoder = cases[1], TurnEncoder(vlm)
    pictures = case.test[:2]
    turns = [encoder.encode(Turn("Who is this?", case.named, picture)) for picture in pictures]
    pixels = pixels_of(vlm, pictures)
    change = perturb(vlm, turns, pixels, epsilon=8.0, steps=4)
    assert (change.abs() <= 8.0 * pixel_range(vlm).unit + 1e-6).all()
    changed = with_change(vlm, pixels, change)
    assert answer_loss(vlm, turns, changed) < answer_loss(vlm, turns, pixels)


def test_text_is_written_on_a_strip_alone(cases):
    image = load_image(cases[0].test[0])
    written = write_on(image, "name")
    box = (0, 0, image.width, image.height - max(10, image.height // 8))
    assert written.crop(box).tobytes() == image.crop(box).tobytes()
    assert written.tobytes() != image.tobytes()
