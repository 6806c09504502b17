"""How much memory a run needs, from the model's shape and the parameters, before any weight is read."""

import os
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from siu.config.params import BaseModelParams, EvaluationParams, ReleaseParams, UnlearningParams
from siu.errors import ModelError
from siu.models.engine.lower_states import MOST_BYTES
from siu.models.trained_parts import TrainedParts, first_adapted

GB = 1e9
TEXT_TOKENS = 64
"""Question and answer of a row, in tokens."""
ANSWER_TOKENS = 16
"""Of these, the answer: only its positions reach the vocabulary head."""
SAMPLES_OF_CONCEPT = 120
"""Samples about the concept, with the fine-tuning data's defaults; the others are retained ones."""
FOUR_BIT_BYTES = 0.56
"""NF4: half a byte per weight, and a scale for each block of 64."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes by what they are for.

    Attributes:
        weights: The base model.
        adapter: What is trained, in float32: weights, gradient and the optimiser's two moments.
        activations: Kept for the backward pass by the largest micro-batch, every row with a picture and run
            whole; a shared prefix needs less, two lanes side by side have a micro-batch each.
        reference: The base model's log-probabilities at the answers of all samples that the steps draw, none
            twice: they are kept in the machine's memory, up to a bound (`siu.unlearning.recent_references`).
        lower: Their states below the first trained layer, kept as long.
        anchor: What ``unlearning.anchor_weight`` weighs by: a square matrix for each adapted layer.
        evaluation: Keys and values while ``evaluation.batch_size`` questions are answered, each about a
            picture of its own: those of the picture, and a copy that grows with the answer. Nothing is
            trained meanwhile.
        member: What each further member of a release adds to ``reference`` at most.
    """

    weights: int
    adapter: int
    activations: int
    reference: int
    lower: int
    anchor: int = 0
    evaluation: int = 0
    member: int = 0

    @property
    def certain(self) -> int:
        """What is needed whatever the data is."""
        return self.weights + self.adapter

    @property
    def training(self) -> int:
        """What training one concept takes at most."""
        return self.certain + self.activations + self.reference + self.lower + self.anchor

    @property
    def peak(self) -> int:
        """What one worker takes at most: trains, or answers questions."""
        return max(self.training, self.weights + self.evaluation)

    def describe(self) -> str:
        """Return the estimate in one line."""
        parts = {
            "weights": self.weights,
            "adapter and optimiser": self.adapter,
            "activations at most": self.activations,
            "reference at most": self.reference,
            "lower layers at most": self.lower,
            "anchor": self.anchor,
        }
        listed = ", ".join(f"{name} {_size_text(size)}" for name, size in parts.items() if size)
        training = f"about {_size_text(self.training)} to train one concept ({listed})"
        member = f"{_size_text(self.member)} more for each further one of a release"
        evaluation = f"{_size_text(self.weights + self.evaluation)} to evaluate at most"
        return f"memory: {training}, {member}; {evaluation}"


def estimate_memory(
    model: Any,
    parts: TrainedParts,
    base: BaseModelParams,
    unlearning: UnlearningParams,
    picture_tokens: int,
    evaluation: EvaluationParams,
    release: ReleaseParams,
) -> MemoryEstimate:
    """Return what a run with these parameters needs.

    Args:
        model: The model; one on the meta device will do.
        parts: What is trained.
        base: Precision of the weights.
        unlearning: Steps, batch sizes and rank.
        picture_tokens: Tokens of a picture in a prompt.
        evaluation: How many questions are answered at a time, and how long answers may be.
        release: Steps that each member adds to a release.
    """
    trained = sum(_lora_size(model.get_submodule(name), unlearning.lora.rank) for name in parts.lora)
    trained += sum(_size(model.get_submodule(name)) for name in parts.projector_full)
    text = model.config.get_text_config()
    return MemoryEstimate(
        weights=_weights(model, base),
        adapter=16 * trained,
        activations=_activations(text, base, unlearning, picture_tokens),
        reference=4 * _drawn(unlearning) * ANSWER_TOKENS * text.vocab_size,
        lower=_lower(text, base, unlearning, picture_tokens),
        anchor=_anchor(model, parts) if unlearning.anchor_weight else 0,
        evaluation=_evaluation(text, base, evaluation, picture_tokens),
        member=4 * _drawn_by_member(unlearning, release) * ANSWER_TOKENS * text.vocab_size,
    )


def check_memory(estimate: MemoryEstimate, device: torch.device, *, spread: bool) -> None:
    """Refuse a run that can't fit: weights and adapter alone are more than the device has in all.

    Args:
        estimate: What is needed.
        device: Where the model goes.
        spread: Whether all GPUs and the machine's memory may be used (``base_model.device_map``).

    Raises:
        ModelError: It can't fit.
    """
    available = _memory(device, spread=spread)
    if estimate.certain > available:
        raise ModelError(
            "E-MOD-016",
            f"weights and adapter need {_size_text(estimate.certain)}, "
            f"the device has {_size_text(available)} in all",
            "Use dtype bfloat16, four_bit, a smaller model or rank, or device_map auto; "
            "runtime.check_memory: false goes on regardless",
        )


def _memory(device: torch.device, *, spread: bool) -> int:
    gpus = [
        torch.cuda.get_device_properties(number).total_memory for number in range(torch.cuda.device_count())
    ]
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if spread:
        return sum(gpus) + machine
    return gpus[device.index or 0] if device.type == "cuda" else machine


def _weights(model: Any, base: BaseModelParams) -> int:
    width = getattr(torch, base.dtype).itemsize
    quantised = 0
    if base.four_bit:
        decoder = model.get_decoder()
        quantised = sum(
            module.weight.numel() for module in decoder.modules() if isinstance(module, nn.Linear)
        )
    return int(width * (_size(model) - quantised) + FOUR_BIT_BYTES * quantised)


def _activations(text: Any, base: BaseModelParams, unlearning: UnlearningParams, picture_tokens: int) -> int:
    """Return what the language model keeps: about 8 hidden and 4 inner vectors per token and layer.

    LoRA keeps its inputs in float32; in a model of lower precision these are copies.
    """
    width = getattr(torch, base.dtype).itemsize
    tokens = unlearning.micro_batch * (picture_tokens + TEXT_TOKENS)
    hidden, inner = text.hidden_size, text.intermediate_size
    layer = width * (8 * hidden + 4 * inner) + (4 * (6 * hidden + inner) if width < 4 else 0)
    layers = text.num_hidden_layers - _frozen_layers(text, unlearning)
    stored = layer + layers * width * hidden if unlearning.gradient_checkpointing else layers * layer
    head = 3 * 4 * unlearning.micro_batch * ANSWER_TOKENS * text.vocab_size
    return int(tokens * stored + head)


def _lower(text: Any, base: BaseModelParams, unlearning: UnlearningParams, picture_tokens: int) -> int:
    """Return what `siu.models.engine.lower_states` keeps, every row with a picture of its own."""
    if _frozen_layers(text, unlearning) == 0:
        return 0
    state = getattr(torch, base.dtype).itemsize * text.hidden_size
    return int(min(MOST_BYTES, _drawn(unlearning) * (picture_tokens + TEXT_TOKENS) * state))


def _anchor(model: Any, parts: TrainedParts) -> int:
    return sum(4 * model.get_submodule(name).in_features ** 2 for name in parts.lora)


def _evaluation(text: Any, base: BaseModelParams, evaluation: EvaluationParams, picture_tokens: int) -> int:
    """Return what a batch of questions keeps: two caches of keys and values, and the last logits."""
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    token = 2 * text.num_hidden_layers * heads * size * getattr(torch, base.dtype).itemsize
    copied = picture_tokens + TEXT_TOKENS + 2 * evaluation.max_new_tokens
    head = 4 * text.vocab_size * evaluation.max_new_tokens
    return int(evaluation.batch_size * (token * (picture_tokens + copied) + head))


def _frozen_layers(text: Any, unlearning: UnlearningParams) -> int:
    """Return how many layers no gradient goes through: none where the pictures' features are trained."""
    if unlearning.lora.vision or unlearning.projector != "frozen":
        return 0
    return first_adapted(text.num_hidden_layers, unlearning.lora.layer_share)


def _drawn(unlearning: UnlearningParams) -> int:
    """Return how many samples a run draws at most: a later step's hard ones were drawn before."""
    if unlearning.batches == "shuffled":
        return unlearning.steps * unlearning.batch_size
    retained = unlearning.retained_per_step
    new = max(1, retained - int(unlearning.hard_share * retained))
    return SAMPLES_OF_CONCEPT + retained + (unlearning.steps - 1) * new


def _drawn_by_member(unlearning: UnlearningParams, release: ReleaseParams) -> int:
    """Return how many more samples a release draws at most for one more concept."""
    if unlearning.batches == "shuffled":
        return release.steps_per_concept * unlearning.batch_size
    retained = unlearning.retained_per_step
    return SAMPLES_OF_CONCEPT + release.steps_per_concept * max(
        1, retained - int(unlearning.hard_share * retained)
    )


def _lora_size(layer: Any, rank: int) -> int:
    return int(rank * (layer.in_features + layer.out_features))


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _size_text(size: float) -> str:
    return f"{size / GB:.1f} GB" if size >= GB / 10 else f"{size / 1e6:.0f} MB"
