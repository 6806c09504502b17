"""The memory estimate against what tensors really take, and what is refused by it."""

import random
from dataclasses import replace

import pytest
import torch

from siu.config.params import (
    BaseModelParams,
    EvaluationParams,
    LoraParams,
    ReleaseParams,
    RuntimeParams,
    UnlearningParams,
)
from siu.errors import ModelError
from siu.models import new_adapter
from siu.models.memory import MemoryEstimate, check_memory, estimate_memory
from siu.models.preview import preview
from siu.models.trained_parts import find_trained_parts
from siu.unlearning.retained_draw import RetainedDraw

LORA = LoraParams(rank=4)
FULL, HALF = BaseModelParams(), BaseModelParams(dtype="bfloat16")
CPU = RuntimeParams(device="cpu")


def estimated(vlm, base=FULL, lora=LORA, **unlearning):
    params = UnlearningParams(lora=lora, **unlearning)
    parts = find_trained_parts(vlm.model, vlm.architecture, lora, params.projector)
    asked = EvaluationParams(batch_size=8, max_new_tokens=10)
    return estimate_memory(vlm.model, parts, base, params, 25, asked, ReleaseParams(steps_per_concept=2))


def test_weights_and_adapter_are_those_that_there_are(vlm):
    estimate = estimated(vlm, projector="full")
    assert estimate.weights == sum(one.numel() * one.itemsize for one in vlm.model.parameters())
    with new_adapter(vlm, LORA, seed=0, projector="full") as peft_model:
        size = sum(one.numel() for one in peft_model.parameters() if one.requires_grad)
    assert estimate.adapter == size * (4 + 4 + 8)  # weight, gradient, two moments


def test_bfloat16_halves_the_weights_and_four_bits_take_less_again(vlm):
    full, half = estimated(vlm).weights, estimated(vlm, HALF).weights
    assert half == full // 2
    assert estimated(vlm, HALF.model_copy(update={"four_bit": True})).weights < half


def test_checkpointing_and_small_micro_batches_save_activations(vlm):
    plain = estimated(vlm).activations
    assert estimated(vlm, gradient_checkpointing=True).activations < plain
    assert estimated(vlm, micro_batch=32).activations == pytest.approx(plain / 2, rel=1e-3)


def test_the_reference_of_every_drawn_sample_is_counted(vlm):
    estimate = estimated(vlm, steps=3, retained_per_step=10, hard_share=0.5)
    # 120 about the concept, 10 of the first step, and of two more steps 5 not the most damaged before
    assert estimate.reference == (120 + 10 + 2 * 5) * 16 * vlm.vocabulary_size * 4
    assert estimated(vlm, steps=1, retained_per_step=10).reference == 130 * 16 * vlm.vocabulary_size * 4
    shuffled = estimated(vlm, steps=6, batches="shuffled", batch_size=8)
    assert shuffled.reference == 48 * 16 * vlm.vocabulary_size * 4


def test_half_of_the_layers_save_half_of_the_adapter_and_keep_the_states_below(vlm, monkeypatch):
    plain, half = (
        estimated(vlm, lora=LoraParams(rank=4, layer_share=share), steps=1) for share in (1.0, 0.5)
    )
    assert half.adapter == plain.adapter // 2
    assert half.activations < plain.activations
    assert plain.lower == 0
    assert half.lower == (120 + UnlearningParams().retained_per_step) * (25 + 64) * 128 * 4
    through = estimated(vlm, lora=LoraParams(rank=4, layer_share=0.5), steps=1, projector="full")
    assert (through.activations, through.lower) == (plain.activations, 0), (
        "the gradient reaches the projector"
    )
    monkeypatch.setattr("siu.models.memory.MOST_BYTES", 1000)
    assert estimated(vlm, lora=LoraParams(rank=4, layer_share=0.5)).lower == 1000


def test_the_evaluation_keeps_two_caches_for_each_of_its_rows(vlm):
    text = vlm.model.config.get_text_config()
    token = 2 * text.num_hidden_layers * text.hidden_size * 4  # as many heads for keys as for queries
    assert estimated(vlm).evaluation == 8 * (token * (25 + 25 + 64 + 2 * 10) + 4 * vlm.vocabulary_size * 10)
    assert estimated(vlm, HALF).evaluation < estimated(vlm).evaluation


def test_each_member_of_a_release_adds_the_samples_of_its_steps(vlm):
    drawn = 120 + 2 * 5  # about the concept; of two steps 5 each not the most damaged before
    estimate = estimated(vlm, retained_per_step=10, hard_share=0.5)
    assert estimate.member == drawn * 16 * vlm.vocabulary_size * 4


def test_an_anchor_has_a_square_matrix_for_each_adapted_layer(vlm):
    text = vlm.model.config.get_text_config()
    squares = 6 * text.hidden_size**2 + text.intermediate_size**2
    assert estimated(vlm, anchor_weight=1.0).anchor == 4 * text.num_hidden_layers * squares
    assert estimated(vlm, anchor_weight=0.0).anchor == 0


def test_a_run_draws_no_more_retained_samples_than_are_counted():
    draw, rng, seen = RetainedDraw(dict.fromkeys(range(1000)), 10, 0.5, 1), random.Random(0), set()
    for _ in range(3):
        drawn = draw.draw(rng)
        seen.update(drawn)
        draw.note({index: rng.random() for index in drawn})
    assert 10 < len(seen) <= 10 + 2 * 5


def test_a_worker_takes_what_training_takes_or_what_evaluation_takes():
    estimate = MemoryEstimate(weights=10, adapter=1, activations=2, reference=3, lower=4, evaluation=5)
    assert (estimate.training, estimate.peak) == (20, 20)
    assert replace(estimate, evaluation=50).peak == 60


def test_what_can_not_fit_is_refused_with_both_sizes():
    huge = MemoryEstimate(weights=10**18, adapter=0, activations=0, reference=0, lower=0)
    with pytest.raises(ModelError, match=r"E-MOD-016.*1000000000\.0 GB.*check_memory"):
        check_memory(huge, torch.device("cpu"), spread=False)
    check_memory(
        replace(huge, weights=0, activations=10**18), torch.device("cpu"), spread=True
    )  # not certain


def test_a_preview_loads_no_weights_and_says_what_is_trained_and_needed(vlm):
    seen = preview(FULL, UnlearningParams(lora=LORA, projector="full"), CPU)
    assert seen.total == sum(one.numel() for one in vlm.model.parameters())
    trained, size, recipe, memory = seen.lines()
    assert "LoRA on 28 layers of the language model (down_proj 4, gate_proj 4" in trained
    assert "in full: model.multi_modal_projector" in trained
    assert f"{seen.trained:,} trained parameters" in size
    assert recipe == "recipe: siu, 32 steps at 0.004"
    assert memory.startswith("memory: about ")


def test_a_preview_finds_what_would_fail_later():
    with pytest.raises(ModelError, match="E-MOD-020"):
        preview(FULL, UnlearningParams(lora=LoraParams(targets=("no_proj",))), CPU)
    with pytest.raises(ModelError, match=r"E-MOD-017.*pip install 'siu\[4bit\]'"):
        preview(BaseModelParams(four_bit=True), UnlearningParams(), CPU)
