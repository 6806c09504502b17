"""Single Image Unlearning: the training loop (arXiv 2405.12523, section 3).

The objective is one of `siu.objectives`. The reference is the same model with the adapter off; what is
read of it and the vision features are computed once and reused by every step.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from peft import PeftModel
from torch import nn

from siu.config.params import Params
from siu.errors import ConceptError
from siu.models import new_adapter, parameter_groups, public_name, save_adapter
from siu.models.adapters import go_on_from
from siu.models.engine.replicas import Lanes
from siu.objectives.depth import check_depth
from siu.objectives.perturbation import Perturbation
from siu.objectives.registry import build_objective
from siu.objectives.suffixes import Suffixes
from siu.storage.fault_points import fault_point
from siu.unlearning.anchor import Anchor
from siu.unlearning.inheritance import NO_INHERITANCE, Inheritance
from siu.unlearning.moments import retained_moments
from siu.unlearning.perturbation import TowardsRelearning
from siu.unlearning.prepared import StepValues
from siu.unlearning.progress import ProgressCheck
from siu.unlearning.result import StepLoss, UnlearningResult
from siu.unlearning.stopping import Watch
from siu.unlearning.suffix_pool import SuffixPool
from siu.unlearning.training_input import TrainingInput
from siu.unlearning.training_samples import NO_TURNS, TrainingSamples

DIVERGED = "E-UNL-001"


def unlearn(
    inputs: TrainingInput,
    folder: Path,
    *,
    steps: int | None = None,
    on_step: Callable[[StepLoss], None] = lambda loss: None,
    measured: bool = False,
    inheritance: Inheritance = NO_INHERITANCE,
) -> UnlearningResult:
    """Train one adapter that forgets the concepts of ``data`` and save it.

    Each step takes a seeded draw of the samples about the concepts and one of retained ones; micro-batches
    split a step without changing its gradient. Equal inputs give equal adapter bytes on a CPU.

    Args:
        inputs: Base model, fine-tuning data, pictures and configuration.
        folder: Where the PEFT adapter is saved.
        steps: Number of steps, at most; None means ``unlearning.steps``.
        on_step: Called after every step.
        measured: Whether the result ends with a check, as tuning needs it.
        inheritance: What is taken over from the releases before; by default nothing.

    Raises:
        ConceptError: The loss or a gradient is not finite; nothing is saved.
        ModelError: The objective reads a layer that nothing trained reaches.
    """
    vlm, params, settings = inputs.vlm, inputs.params, inputs.recipe
    total_steps = steps or settings.steps
    objective = build_objective(settings.objective, settings.objective_options)
    check_depth(objective, settings.lora.layer_share)
    reason, losses = None, list[StepLoss]()
    retained = retained_moments(inputs, inheritance.forgotten) if settings.anchor_weight else {}
    with (
        new_adapter(
            vlm,
            settings.lora,
            seed=params.seed,
            projector=settings.projector,
            gradient_checkpointing=settings.gradient_checkpointing,
        ) as peft_model,
        torch.random.fork_rng(devices=[]),
    ):
        if inheritance.adapter is not None:
            go_on_from(peft_model, inheritance.adapter)
        anchors = {
            "anchor": Anchor(peft_model, retained, settings.anchor_weight),
            "earlier": Anchor(peft_model, inheritance.moments, inheritance.moments_weight),
        }
        torch.manual_seed(params.seed)  # dropout must not depend on what this process did before
        is_watched = measured or settings.stop == "until_forgotten"
        watch = _watch(inputs, total_steps) if is_watched else None
        samples = TrainingSamples(
            vlm, peft_model, inputs.data, inputs.paths, objective, settings, inheritance
        )
        attacker = _attacker(inputs, samples.lanes, objective.perturbation)
        pool = _pool(inputs, inheritance, objective.suffixes)
        for loss in _steps(peft_model, samples, params, total_steps, attacker, pool, anchors):
            losses.append(loss)
            on_step(loss)
            if watch is not None and (reason := watch.reason_after(loss.step)):
                break
        save_adapter(peft_model, folder, base=public_name(params.base_model), digest=vlm.digest)
        size = sum(parameter.numel() for parameter in _trainable(peft_model))
    return UnlearningResult(
        tuple(losses),
        reason or f"{total_steps} steps done",
        size,
        settings.lr,
        tuple(watch.checks) if watch else (),
    )


def _watch(inputs: TrainingInput, steps: int) -> Watch:
    settings = inputs.params.unlearning
    check = ProgressCheck(
        inputs.vlm,
        inputs.data,
        inputs.paths,
        retained=settings.stopping.retained,
        seed=inputs.params.seed,
        batch_size=settings.micro_batch,
    )
    return Watch(check, settings, steps)


def _attacker(inputs: TrainingInput, lanes: Lanes, settings: Perturbation | None) -> TowardsRelearning | None:
    if settings is None:
        return None
    rank, seed = inputs.params.unlearning.lora.rank, inputs.params.seed
    return TowardsRelearning(lanes, inputs.data, inputs.paths, settings, rank=rank, seed=seed)


def _pool(inputs: TrainingInput, inheritance: Inheritance, settings: Suffixes | None) -> SuffixPool | None:
    if settings is None:
        return None
    seed, rows = inputs.params.seed, inputs.params.unlearning.micro_batch
    concepts = (*inputs.data, *inheritance.rehearsed)
    return SuffixPool(inputs.vlm, concepts, inputs.paths, settings, seed=seed, batch_size=rows)


def _steps(
    peft_model: PeftModel,
    samples: TrainingSamples,
    params: Params,
    steps: int,
    attacker: TowardsRelearning | None,
    pool: SuffixPool | None,
    anchors: Mapping[str, Anchor],
) -> Iterator[StepLoss]:
    """Train step by step; between two of them dropout is off."""
    settings = params.unlearning
    parameters = _trainable(peft_model)
    groups = parameter_groups(peft_model, settings)
    optimiser = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)
    highest = [group["lr"] for group in groups]
    warmup = math.ceil(settings.warmup_ratio * steps)
    rng = random.Random(params.seed)
    for step in range(1, steps + 1):
        fault_point("unlearn.step")
        share = _schedule(step, steps, warmup, settings.min_lr_ratio)
        for group, rate in zip(optimiser.param_groups, highest, strict=True):
            group["lr"] = rate * share
        drawn = samples.draw(rng)
        suffixed = pool.suffixed(step, samples.name_questions(drawn)) if pool else NO_TURNS
        _switch_dropout(peft_model, on=True)
        values = samples.backward(drawn, suffixed=suffixed)
        parts = {"suffix": pool.loss} if pool else {}
        if attacker is not None:
            with attacker.moved(step):
                moved = samples.backward(drawn, attacker.settings.weight, suffixed)
            parts["moved"] = moved.loss
        _switch_dropout(peft_model, on=False)
        pulls = {name: anchor.backward() for name, anchor in anchors.items() if anchor.holds}
        values = StepValues(values.loss, values.parts | parts | pulls)
        norm = float(nn.utils.clip_grad_norm_(parameters, settings.clip_norm))
        if not math.isfinite(values.loss) or not math.isfinite(norm):
            raise ConceptError(
                DIVERGED, f"the loss or gradient is not finite at step {step}", "Lower unlearning.lr"
            )
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        yield StepLoss(step, values.loss, values.parts, norm, settings.lr * share)


def _schedule(step: int, steps: int, warmup: int, floor: float) -> float:
    """Return the share of the full rate at a step (from 1): linear warm-up, then a cosine above a floor."""
    if step <= warmup:
        return step / (warmup + 1)
    cosine = 0.5 * (1 + math.cos(math.pi * (step - warmup - 1) / (steps - warmup)))
    return floor + (1 - floor) * cosine


def _switch_dropout(peft_model: PeftModel, *, on: bool) -> None:
    for name, module in peft_model.named_modules():
        if "lora_dropout" in name:
            module.train(on)  # all else stays in eval mode: vision features are cached


def _trainable(peft_model: PeftModel) -> list[nn.Parameter]:
    return [parameter for parameter in peft_model.parameters() if parameter.requires_grad]
