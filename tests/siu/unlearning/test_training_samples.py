"""One step's gradient: against autograd on a formula written row by row, and its invariances."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest
import torch

from siu.config.params import LoraParams, UnlearningParams
from siu.errors import ConceptError
from siu.models import TurnEncoder, new_adapter
from siu.models.engine.forward import answer_logits
from siu.models.engine.reply import answer_labels
from siu.models.token_spans import name_token_ids
from siu.objectives.methods.siu import Siu
from siu.objectives.methods.siu_robust import SiuRobust
from siu.objectives.registry import build_objective, objective_names
from siu.unlearning.chosen_samples import joint_samples, owners, rejected_samples
from siu.unlearning.prepared import prepare
from siu.unlearning.training_samples import TrainingSamples

PARAMS = UnlearningParams(
    lora=LoraParams(rank=4, alpha=8), concept_share=1.0, retained_per_step=6, micro_batch=4
)


def gradient(vlm, data, paths, params, moved=True, objective=None):
    """Return (losses, gradients by name) of one step at a point away from the base model."""
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, objective or Siu(), params)
        if moved:
            _move(peft_model)
        losses = samples.backward(samples.draw(random.Random(0)))
        named = peft_model.named_parameters()
        return losses, {name: one.grad.clone() for name, one in named if one.grad is not None}


def _move(peft_model):
    """Take the adapter away from the base model, always to the same point."""
    generator = torch.Generator().manual_seed(3)
    for name, parameter in peft_model.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(0, 0.05, generator=generator)


@pytest.fixture(scope="module")
def few(data):
    """Samples of every kind, few of each."""
    return replace(
        data,
        samples=data.samples[:4] + data.samples[-8:],
        refusals=data.refusals[:3],
        originals=data.originals[:3],
    )


@pytest.mark.parametrize("name", objective_names())
def test_splitting_a_step_leaves_loss_and_gradient_unchanged(vlm, few, paths, name):
    objective = build_objective(name, {})
    sizes = [PARAMS.model_copy(update={"micro_batch": size}) for size in (512, 1)]
    whole, split = (gradient(vlm, few, paths, params, objective=objective) for params in sizes)
    assert split[0].loss == pytest.approx(whole[0].loss, rel=1e-4)
    assert split[0].parts == pytest.approx(whole[0].parts, rel=1e-4, abs=1e-6)
    largest = max(values.abs().max().item() for values in whole[1].values())
    for parameter, values in whole[1].items():
        torch.testing.assert_close(split[1][parameter], values, rtol=1e-3, atol=2e-5 * largest)


def test_shuffled_batches_go_through_samples_of_all_targets_in_epochs(vlm, data, paths):
    params = PARAMS.model_copy(update={"batches": "shuffled", "batch_size": 8})
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, Siu(), params)
        rng, every = random.Random(0), joint_samples([data], Siu())
        batches = [samples.draw(rng) for _ in range(len(every) // 8)]
        loss = samples.backward(batches[0])
    assert {len(batch) for batch in batches} == {8}
    drawn = Counter(index for batch in batches for index in batch)
    assert set(drawn.values()) == {1}
    assert {every[index].target for index in drawn} == {"T1", "T2", "T3", "T4"}
    assert math.isfinite(loss.loss)


@pytest.mark.parametrize("name", ["siu", "siu_robust"])
def test_states_kept_below_the_first_adapted_layer_leave_loss_and_gradient_unchanged(
    vlm, few, paths, name, monkeypatch
):
    upper = PARAMS.model_copy(update={"lora": LoraParams(rank=4, alpha=8, layer_share=0.5)})
    kept = gradient(vlm, few, paths, upper, objective=build_objective(name, {}))
    monkeypatch.setattr("siu.models.engine.lower_states.MOST_BYTES", 0)
    again = gradient(vlm, few, paths, upper, objective=build_objective(name, {}))
    assert kept[0].loss == pytest.approx(again[0].loss, rel=1e-5)
    assert kept[1].keys() == again[1].keys()
    largest = max(values.abs().max().item() for values in again[1].values())
    for parameter, values in again[1].items():
        torch.testing.assert_close(kept[1][parameter], values, rtol=1e-4, atol=2e-5 * largest)


def test_the_reference_is_the_base_model_whatever_the_adapter(vlm, data, paths):
    at_start = gradient(vlm, data, paths, PARAMS, moved=False)[0]
    assert at_start.parts["dual_masked_kl"] == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("concept_weight", [1.0, 1.5])
def test_the_loss_equals_the_formula_written_row_by_row(vlm, data, paths, concept_weight):
    values = gradient(vlm, data, paths, PARAMS.model_copy(update={"concept_weight": concept_weight}))[0]
    weighted = weights = kl = positions = 0.0
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, Siu(), PARAMS)
        indices = samples.draw(random.Random(0))
        _move(peft_model)
        encoder, chosen = TurnEncoder(vlm), joint_samples([data], Siu())
        names = set(name_token_ids(vlm.tokenizer, data.names))
        for index in indices:
            sample = chosen[index]
            turn = encoder.encode(_turn(sample, paths))
            log_ref, log_p = _log_probs(vlm, peft_model, turn)
            weight = sample.weight * (concept_weight if sample.of_concept else 1)
            for t, label in enumerate(answer_labels([turn], vlm.device).tolist()):
                weighted -= weight * log_p[t, label].item()
                weights += weight
                start, end = turn.spans[t]
                specified = (
                    any(start < right and left < end for left, right in sample.specified) and start < end
                )
                extreme = log_ref[t, list(names)].exp().sum().item() >= Siu().extreme_probability
                if not specified and not extreme:
                    positions += 1
                    known, now = log_ref[t].tolist(), log_p[t].tolist()
                    kl += sum(
                        math.exp(known[v]) * (known[v] - now[v]) for v in range(len(now)) if v not in names
                    )
    assert values.parts["cross_entropy"] == pytest.approx(weighted / weights, rel=1e-4)
    assert values.parts["dual_masked_kl"] == pytest.approx(kl / positions, rel=1e-3, abs=1e-6)
    assert values.loss == pytest.approx(0.9 * weighted / weights + 0.75 * kl / positions, rel=1e-3)


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_step_takes_its_share_of_the_samples_about_the_concept_and_some_retained_ones(
    vlm, data, paths, share
):
    params = PARAMS.model_copy(update={"concept_share": share})
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, Siu(), params)
        drawn = [samples.draw(random.Random(seed)) for seed in (1, 2)]
    asked = joint_samples([data], Siu())
    own = {index for index, sample in enumerate(asked) if sample.of_concept}
    items = Counter(asked[index].item for index in own)
    expected = sum(max(1, round(share * count)) for count in items.values())
    assert [len(own.intersection(one)) for one in drawn] == [expected, expected]
    assert [len(set(one) - own) for one in drawn] == [6, 6]
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize("left_out", ["T1", "T2", "T3", "T4"])
def test_a_target_can_be_left_out(vlm, data, paths, left_out):
    kept = tuple(target for target in ("T1", "T2", "T3", "T4") if target != left_out)
    params = PARAMS.model_copy(update={"targets": kept})
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, Siu(), params)
    wanted = [one for one in joint_samples([data], Siu()) if one.target != left_out]
    own = sum(one.of_concept for one in wanted)
    assert len(samples.draw(random.Random(0))) == own + (0 if left_out == "T4" else 6)


def test_rejected_names_are_neither_taught_nor_held_to_the_reference(vlm, data, paths):
    robust = SiuRobust(radius=0)
    taught, both = (gradient(vlm, data, paths, PARAMS, objective=one) for one in (Siu(), robust))
    for part, expected in taught[0].parts.items():
        assert both[0].parts[part] == pytest.approx(expected, rel=1e-4)
    assert both[0].loss == pytest.approx(taught[0].loss + 0.1 * both[0].parts["rejected"], rel=1e-4)


def test_of_a_rejected_answer_the_name_behind_its_first_token_is_made_unlikely(vlm, encoder, data, paths):
    for sample in rejected_samples([data]):
        prepared = prepare(encoder, sample, paths, data.names)
        spans = [span for span, own in zip(prepared.turn.spans, prepared.rejected, strict=True) if own]
        name = data.names[0]
        start = sample.answer.index(name)
        assert spans
        assert all(start < left and right <= start + len(name) for left, right in spans)
        assert all(prepared.specified)


def test_every_answer_of_the_base_model_that_names_the_concept_is_rejected(vlm, data, paths):
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        robust, siu = (
            TrainingSamples(vlm, peft_model, [data], paths, one, PARAMS).draw(random.Random(0))
            for one in (SiuRobust(), Siu())
        )
    own_names = {one for one in data.originals if one.item == "name"}
    assert len(robust) - len(siu) == len(own_names) == len(rejected_samples([data])) > 0
    assert all(data.names[0] in one.answer for one in own_names)


def test_what_the_base_model_says_of_strangers_too_is_not_rejected(data):
    declined = replace(data.originals[0], item="name", answer="I do not know this person.")
    unsure = replace(data, originals=(declined, *data.originals))
    assert rejected_samples([unsure]) == rejected_samples([data])


def test_each_sample_has_the_masks_of_its_own_concept(vlm, data, paths):
    """Not those of all concepts of a release: a name that is forgotten beside stays in the divergence."""
    first = next(sample for sample in data.samples if sample.target == "T3")
    other = replace(first, question=f"{first.question} Say it again.")
    beside = replace(data, concept="c99", names=("Senna Dorwick",), samples=(first, other), originals=())
    mine = replace(data, samples=(first,), originals=())
    assert owners([mine, beside], [first, other]) == [0, 1]
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        joint, *alone = (
            TrainingSamples(vlm, peft_model, some, paths, Siu(), PARAMS)
            for some in ([mine, beside], [mine], [replace(beside, samples=(other,))])
        )
        _move(peft_model)
        values = [joint.backward([0]), joint.backward([1]), alone[0].backward([0]), alone[1].backward([0])]
    parts = [value.parts["dual_masked_kl"] for value in values]
    assert parts[:2] == pytest.approx(parts[2:], rel=1e-5)


def test_an_objective_without_any_sample_is_refused(vlm, data, paths):
    params = PARAMS.model_copy(update={"objective": "ga", "targets": ("T3", "T4")})
    with (
        new_adapter(vlm, params.lora, seed=0) as peft_model,
        pytest.raises(ConceptError, match=r"E-FTD-004 ga trains on none of T3, T4"),
    ):
        TrainingSamples(vlm, peft_model, [data], paths, build_objective("ga", {}), params)


def _turn(sample, paths):
    from siu.models import Turn

    return Turn(sample.question, sample.answer, paths[sample.picture] if sample.picture else None)


@pytest.mark.parametrize("name", ["siu", "ce"])
def test_the_next_step_takes_what_this_one_found_most_damaged(vlm, data, paths, name):
    """Whether or not the objective itself reads the reference."""
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, build_objective(name, {}), PARAMS)
        _move(peft_model)
        chosen = joint_samples([data], Siu())
        drawn = [index for index in samples.draw(random.Random(0)) if not chosen[index].of_concept]
        samples.backward(drawn)
        damages = {index: _damage(vlm, peft_model, chosen[index], paths) for index in drawn}
        worst = sorted(damages, key=damages.__getitem__)[-3:]
        for seed in range(5):
            assert set(worst) <= set(samples.draw(random.Random(seed)))


def _damage(vlm, peft_model, sample, paths):
    turn = TurnEncoder(vlm).encode(_turn(sample, paths))
    labels = answer_labels([turn], vlm.device).tolist()
    before, now = _log_probs(vlm, peft_model, turn)
    return max((before[at, label] - now[at, label]).item() for at, label in enumerate(labels))


@torch.no_grad()
def _log_probs(vlm, peft_model, turn):
    """Return what the base model and the adapted one find likely at the answer, (N, V) each."""
    now = answer_logits(vlm, [turn]).log_softmax(-1)
    with peft_model.disable_adapter():
        return answer_logits(vlm, [turn]).log_softmax(-1), now
