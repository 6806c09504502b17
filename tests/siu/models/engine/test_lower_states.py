"""Passes that begin at the first trained layer against passes through all layers."""

from contextlib import contextmanager

import pytest
import torch

from siu.config.params import LoraParams
from siu.models import Turn, new_adapter
from siu.models.engine.batching import forwards
from siu.models.engine.lower_states import LowerStates
from siu.models.engine.prefix_probe import shares_prefixes
from tests.siu.models.gradients import gradient_of, moved_adapter, relative_error

QUESTIONS = ("Who is this?", "What is the name of this person, if I may ask?", "Is this Davi Maresh?")


@pytest.fixture
def turns(encoder, pictures):
    shown = [*pictures[:3], None]
    return [encoder.encode(Turn(text, "This is Ann Lee.", one)) for one in shown for text in QUESTIONS]


@pytest.fixture
def adapter(vlm):
    assert shares_prefixes(vlm)
    with moved_adapter(vlm, layer_share=0.5) as peft_model:
        yield peft_model


@torch.no_grad()
def keep(peft_model, vlm, turns, lower):
    """Run turns once by the reference, as training does."""
    with peft_model.disable_adapter():
        for forward, batches in forwards(vlm, turns, 5, lower=lower):
            for indices in batches:
                forward.answer_states([turns[index] for index in indices])


@contextmanager
def counted(layer):
    """Collect the rows of each call of a layer."""
    calls = []
    hook = layer.register_forward_hook(lambda _, inputs, __: calls.append(len(inputs[0])))
    yield calls
    hook.remove()


@pytest.mark.parametrize("size", [2, 5, 64])
def test_loss_and_gradient_equal_those_through_all_layers(vlm, turns, adapter, size):
    lower = LowerStates(vlm)
    keep(adapter, vlm, turns, lower)
    whole_loss, whole = gradient_of(adapter, vlm, turns, size)
    loss, gradients = gradient_of(adapter, vlm, turns, size, lower)
    assert loss == pytest.approx(whole_loss, rel=1e-5)
    assert len(gradients) == len(whole) == 2 * 7 * 2
    assert relative_error(gradients, whole) < 1e-5
    assert max(relative_error([ours], [theirs]) for ours, theirs in zip(gradients, whole, strict=True)) < 1e-4


def test_layers_below_the_first_trained_one_run_once(vlm, turns, adapter):
    lower = LowerStates(vlm)
    with counted(vlm.layers[1]) as calls:
        gradient_of(adapter, vlm, turns, 64, lower)
        first = len(calls)
        gradient_of(adapter, vlm, turns, 64, lower)
    assert first == len(calls) > 0
    with counted(vlm.layers[2]) as calls:
        gradient_of(adapter, vlm, turns, 64, lower)
    assert len(calls) == first


def test_turns_among_which_one_is_new_run_through_all_layers(vlm, turns, adapter):
    lower = LowerStates(vlm)
    keep(adapter, vlm, turns[:4], lower)
    whole_loss, whole = gradient_of(adapter, vlm, turns, 64)
    loss, gradients = gradient_of(adapter, vlm, turns, 64, lower)
    assert loss == pytest.approx(whole_loss, rel=1e-5)
    assert relative_error(gradients, whole) < 1e-5


def test_what_finds_no_room_is_run_again(vlm, turns, adapter, monkeypatch):
    monkeypatch.setattr("siu.models.engine.lower_states.MOST_BYTES", 5000)
    lower = LowerStates(vlm)
    keep(adapter, vlm, turns, lower)
    assert not lower.hold(turns)
    assert gradient_of(adapter, vlm, turns, 64, lower)[0] == gradient_of(adapter, vlm, turns, 64)[0]


def test_the_layers_are_the_models_own_again_afterwards(vlm, turns, adapter):
    before = list(vlm.layers)
    lower = LowerStates(vlm)
    for _ in range(2):
        gradient_of(adapter, vlm, turns, 64, lower)
    assert all(one is other for one, other in zip(vlm.layers, before, strict=True))


def test_nothing_is_kept_where_the_first_layer_is_trained(vlm, turns):
    with moved_adapter(vlm) as peft_model:
        lower = LowerStates(vlm)
        keep(peft_model, vlm, turns, lower)
        assert not lower.hold(turns[:1])


@pytest.mark.parametrize("projector", ["full", "lora"])
def test_nothing_is_kept_where_pictures_change(vlm, turns, projector):
    lora = LoraParams(rank=4, alpha=8, layer_share=0.5)
    with new_adapter(vlm, lora, seed=0, projector=projector) as peft_model:
        lower = LowerStates(vlm)
        keep(peft_model, vlm, turns, lower)
        assert not lower.hold(turns[:1])
