"""Weights moved towards relearning, and what training there leaves alone."""

from contextlib import nullcontext
from dataclasses import replace
from hashlib import sha256

import pytest
import torch
import torch.nn.functional as F

from siu.config.params import LoraParams, Params, UnlearningParams
from siu.models import Turn, TurnEncoder, new_adapter
from siu.models.engine.checkpointing import checkpointed
from siu.models.engine.forward import answer_logits
from siu.models.engine.lean_lora import make_plain
from siu.models.engine.replicas import Lanes
from siu.models.engine.reply import answer_labels
from siu.models.merged import kept_weights
from siu.objectives.perturbation import Perturbation
from siu.unlearning import TrainingInput, unlearn
from siu.unlearning.perturbation import TowardsRelearning

RANK, RADIUS = 4, 3.0


@pytest.fixture(scope="module")
def one_question(data):
    """The data with a single question about the one picture, so that an attacker has no choice."""
    return replace(data, samples=tuple(one for one in data.samples if one.target == "T1")[:1])


@pytest.fixture
def adapted(vlm):
    with new_adapter(vlm, LoraParams(rank=2, alpha=4), seed=0) as peft_model:
        yield peft_model


@pytest.fixture
def turn(vlm, one_question, paths):
    """The question, answered with the old name."""
    (sample,) = one_question.samples
    reply = f"This is {one_question.names[0]}."
    return TurnEncoder(vlm).encode(Turn(sample.question, reply, paths[sample.picture]))


def attacker(vlm, adapted, data, paths, *, steps=1, radius=RADIUS, seed=0):
    settings = Perturbation(radius, steps, 1.0)
    return TowardsRelearning(Lanes(vlm, adapted), [data], paths, settings, rank=RANK, seed=seed)


def changes(adapted):
    """Return each moved layer with what is added to it."""
    return {
        module: hook
        for module in adapted.modules()
        for hook in module._forward_hooks.values()
        if hasattr(hook, "up")
    }


def named_changes(adapted):
    names = {module: name for name, module in adapted.named_modules()}
    return {names[module]: change for module, change in changes(adapted).items()}


def loss(vlm, turn):
    return F.cross_entropy(answer_logits(vlm, [turn]), answer_labels([turn], vlm.device))


def test_a_change_is_that_of_the_weights_themselves(vlm, adapted, one_question, paths, turn):
    with attacker(vlm, adapted, one_question, paths, steps=2).moved(1), torch.no_grad():
        moved = answer_logits(vlm, [turn])
        found = {module: change.up @ change.down for module, change in changes(adapted).items()}
    with kept_weights(vlm), torch.no_grad():
        for module, change in found.items():
            module.get_base_layer().weight += change
        assert torch.allclose(answer_logits(vlm, [turn]), moved, atol=1e-3)


def test_a_step_is_the_normalised_gradient_of_the_weights_in_the_drawn_subspace(
    vlm, adapted, one_question, paths, turn
):
    with attacker(vlm, adapted, one_question, paths).moved(1):
        found = changes(adapted)
        ups = {module: change.up for module, change in found.items()}
    make_plain(adapted)  # the lean layers give frozen weights no gradient
    weights = [module.get_base_layer().weight.requires_grad_() for module in found]
    gradients = torch.autograd.grad(loss(vlm, turn), weights)
    vlm.model.requires_grad_(False)
    drawn = {
        module: gradient @ change.down.T
        for (module, change), gradient in zip(found.items(), gradients, strict=True)
    }
    norm = sum(gradient.double().square().sum() for gradient in drawn.values()).sqrt()
    length = sum(up.double().square().sum() for up in ups.values()).sqrt()
    assert 0.2 * RADIUS <= length <= RADIUS
    for module, gradient in drawn.items():
        assert torch.allclose(ups[module].double(), -length * gradient.double() / norm, atol=1e-5)


def test_moved_weights_know_the_old_name_better_and_are_put_back(vlm, adapted, one_question, paths, turn):
    with torch.no_grad():
        before = loss(vlm, turn)
        with attacker(vlm, adapted, one_question, paths, steps=3, radius=1.0).moved(1):
            moved = loss(vlm, turn)
        assert moved < before
        assert loss(vlm, turn).equal(before)


def test_an_attacker_is_the_same_at_the_same_step_alone(vlm, adapted, one_question, paths, turn):
    with torch.no_grad():
        losses = []
        for seed, step in ((0, 1), (0, 1), (0, 2), (1, 1)):
            with attacker(vlm, adapted, one_question, paths, seed=seed).moved(step):
                losses.append(loss(vlm, turn).item())
    assert losses[0] == losses[1]
    assert len(set(losses)) == 3


def params(objective, **options):
    short = UnlearningParams(
        steps=2, retained_per_step=10, anchor_weight=0.0, objective=objective, objective_options=options
    )
    return Params(unlearning=short)


def test_without_rejection_and_radius_or_weight_it_is_siu_to_the_byte(vlm, data, paths, tmp_path):
    digests = set()
    for name, chosen in {
        "siu": params("siu"),
        "no radius": params("siu_robust", rejection_weight=0.0, radius=0.0, suffix_share=0.0),
        "no weight": params("siu_robust", rejection_weight=0.0, perturbed_weight=0.0, suffix_share=0.0),
    }.items():
        unlearn(TrainingInput(vlm, [data], paths, chosen), tmp_path / name)
        digests.add(sha256((tmp_path / name / "adapter_model.safetensors").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_it_repeats_itself_and_reports_the_loss_at_moved_weights(vlm, data, paths, tmp_path):
    digests = []
    for name in ("a", "b"):
        result = unlearn(TrainingInput(vlm, [data], paths, params("siu_robust")), tmp_path / name)
        digests.append(sha256((tmp_path / name / "adapter_model.safetensors").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    assert all(loss.parts["moved"] > 0 for loss in result.losses)


def test_checkpointed_layers_are_moved_alike(vlm, adapted, one_question, paths):
    found = []
    for context in (nullcontext(), checkpointed(vlm)):
        with context, attacker(vlm, adapted, one_question, paths).moved(1):
            found.append([change.up for change in changes(adapted).values()])
    for plain, again in zip(*found, strict=True):
        assert torch.allclose(plain, again, atol=1e-5)


def test_whatever_is_adapted_is_moved(vlm, one_question, paths):
    lora = LoraParams(rank=2, alpha=4, vision=True)
    with (
        new_adapter(vlm, lora, seed=0, projector="lora") as peft_model,
        attacker(vlm, peft_model, one_question, paths).moved(1),
    ):
        lengths = {name: change.up.norm() for name, change in named_changes(peft_model).items()}
    for part in ("vision_tower", "multi_modal_projector", "language_model"):
        assert any(length > 0 for name, length in lengths.items() if part in name)
