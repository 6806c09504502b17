"""Second moments of what the adapted layers are given, while a model answers as it was taught.

Shapes: B rows, L length, I inputs of a layer.
"""

import random
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor

from siu.config.params import Params
from siu.finetuning_data import FinetuningData, Sample
from siu.models import Turn, TurnEncoder, VisionLanguageModel, new_adapter
from siu.models.adapters import go_on_from
from siu.models.engine.forward import pad
from siu.models.engine.plain_inputs import plain_inputs
from siu.unlearning.anchor import adapted_layers
from siu.unlearning.chosen_samples import retained_samples
from siu.unlearning.inheritance import Moments
from siu.unlearning.training_input import TrainingInput

HELD_SAMPLES = 400
"""Retained samples of which moments are taken: enough for a layer of some hundred inputs."""
ROWS = 64
"""Of them, in a forward pass: fixed, as sums differ in their last bits by it and the adapter shall not."""


@torch.no_grad()
def second_moments(
    vlm: VisionLanguageModel,
    peft_model: PeftModel,
    data: Sequence[FinetuningData],
    paths: dict[str, Path],
    *,
    batch_size: int = 64,
) -> Moments:
    """Return the sum, over concepts, of the mean xᵀx of each adapted layer's inputs.

    Args:
        vlm: The base model, its layers wrapped by ``peft_model``.
        peft_model: The adapter in the state whose inputs count.
        data: What the concepts' questions are; T1 and T2 are asked with their answers.
        paths: Picture file by digest.
        batch_size: Rows per forward pass.
    """
    total: Moments = {}
    for of_concept in data:
        taught = [sample for sample in of_concept.samples if sample.forget]
        total = summed(total, _mean_moments(vlm, peft_model, taught, paths, batch_size))
    return total


def _mean_moments(
    vlm: VisionLanguageModel,
    peft_model: PeftModel,
    samples: Sequence[Sample],
    paths: dict[str, Path],
    batch_size: int,
) -> Moments:
    encoder = TurnEncoder(vlm)
    turns = [
        encoder.encode(
            Turn(sample.question, sample.answer, paths[sample.picture] if sample.picture else None)
        )
        for sample in samples
    ]
    sums, count = dict[str, Tensor](), 0
    for start in range(0, len(turns), batch_size):
        rows = turns[start : start + batch_size]
        tokens = [(*turn.prompt_ids, *turn.answer_ids) for turn in rows]
        ids, mask = pad(tokens, side="right", device=vlm.device)
        count += int(mask.sum())
        with _watched(peft_model, partial(_add, sums, mask.bool())):
            vlm.model(
                input_ids=ids,
                attention_mask=mask,
                use_cache=False,
                **plain_inputs(vlm, rows, ids, mask, answered=True),
            )
    return {name: moment / count for name, moment in sums.items()}


def _add(sums: Moments, mask: Tensor, name: str, inputs: Tensor) -> None:
    """Add xᵀx of the (B, L, I) inputs at the tokens that are no padding."""
    if inputs.shape[:2] != mask.shape:
        return  # the vision tower's layers have rows of their own
    rows = inputs[mask].float()
    moment = rows.T @ rows
    sums[name] = sums[name] + moment if name in sums else moment


@contextmanager
def _watched(peft_model: PeftModel, add: Any) -> Iterator[None]:
    hooks = [
        layer.register_forward_pre_hook(lambda _, inputs, name=name: add(name, inputs[0]))
        for name, layer in adapted_layers(peft_model)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def release_moments(
    vlm: VisionLanguageModel,
    adapter: Path,
    data: Sequence[FinetuningData],
    paths: dict[str, Path],
    params: Params,
) -> Moments:
    """Return the second moments of some concepts' questions in a saved release."""
    settings = params.unlearning
    with new_adapter(vlm, settings.lora, seed=params.seed, projector=settings.projector) as peft_model:
        go_on_from(peft_model, adapter)
        return second_moments(vlm, peft_model, data, paths, batch_size=settings.micro_batch)


@torch.no_grad()
def retained_moments(inputs: TrainingInput, forgotten: Set[str] = frozenset()) -> Moments:
    """Return the mean xᵀx of what the layers that will be adapted are given with retained samples.

    Pictures count where there are any: what a text alone gives is held by the samples of a step.

    Args:
        inputs: The model as it is, no adapter attached, and the data that retained samples are drawn from.
        forgotten: Ids of concepts that were forgotten before; nothing that keeps them counts.
    """
    vlm, params = inputs.vlm, inputs.params
    retained = retained_samples(inputs.data, forgotten)
    retained = [sample for sample in retained if sample.picture] or retained
    chosen = random.Random(params.seed).sample(retained, min(HELD_SAMPLES, len(retained)))
    settings = params.unlearning
    with new_adapter(vlm, settings.lora, seed=params.seed, projector=settings.projector) as peft_model:
        return _mean_moments(vlm, peft_model, chosen, inputs.paths, ROWS)


def summed(first: Moments, second: Moments) -> Moments:
    """Return the sum of two, layer by layer; a layer that one has not counts as 0 there."""
    return {
        name: first[name] + second[name] if name in first and name in second else (first | second)[name]
        for name in sorted(first | second)
    }
