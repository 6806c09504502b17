"""Single Image Unlearning without any shortcut: what the fast loop (`siu.unlearning.loop`) computes.

To be read beside the paper (arXiv 2405.12523). Every sample is a row of its own, picture and all, and goes
through transformers' own forward pass, once with the adapter off and once with it on. The fast loop shares
prefixes, keeps features and references, packs rows and runs replicas; it must come to the same losses and the
same adapter, which ``tests/siu/unlearning/test_plain.py`` holds it to.

Shapes: N answer tokens of a sample, V vocabulary.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from siu.config.params import Params, UnlearningParams
from siu.finetuning_data import FinetuningData, Sample
from siu.models import EncodedTurn, Turn, TurnEncoder, VisionLanguageModel
from siu.models.engine.plain_inputs import plain_inputs
from siu.models.token_spans import name_token_ids
from siu.models.trained_parts import find_trained_parts
from siu.objectives.methods.siu import Siu
from siu.unlearning.anchor import ADAPTER, adapted_layers
from siu.unlearning.inheritance import Moments
from siu.unlearning.moments import retained_moments
from siu.unlearning.training_input import TrainingInput


@dataclass(frozen=True)
class Row:
    """One sample, ready for a step.

    Attributes:
        turn: Its tokens.
        weight: Loss weight of each answer token.
        reference: (N, V) log-probabilities of the base model at the answer.
        token_mask: (N,) K_S: 0 where the divergence is not taken, 1 elsewhere.
    """

    turn: EncodedTurn
    weight: float
    reference: Tensor
    token_mask: Tensor


def unlearn_plainly(
    vlm: VisionLanguageModel,
    data: FinetuningData,
    batches: Sequence[Sequence[Sample]],
    paths: dict[str, Path],
    params: Params,
    folder: Path,
) -> list[float]:
    """Train one adapter on given batches, a step each, save it, and return the steps' losses without anchor.

    The objective is SIU's; LoRA has no dropout and the projector stays as it is.

    Args:
        vlm: The base model; it is left as it was.
        data: Fine-tuning data of one concept.
        batches: The samples of each step, in whatever way they were drawn.
        paths: Picture file by digest.
        params: The whole configuration.
        folder: Where the PEFT adapter is saved.
    """
    settings, objective = params.unlearning, Siu.model_validate(params.unlearning.objective_options)
    name_ids = name_token_ids(vlm.tokenizer, data.names)
    vocabulary_mask = torch.ones(vlm.vocabulary_size, device=vlm.device)  # K_V
    if objective.name_mask:
        vocabulary_mask[name_ids] = 0.0

    inputs = TrainingInput(vlm, [data], paths, params)
    moments = retained_moments(inputs) if settings.anchor_weight else {}
    targets = find_trained_parts(vlm.model, vlm.architecture, settings.lora, "frozen").lora
    config = LoraConfig(r=settings.lora.rank, lora_alpha=settings.lora.alpha, target_modules=list(targets))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(params.seed)
        model = get_peft_model(vlm.model, config)
    optimiser, schedule = _optimiser(model, settings, len(batches))

    losses = []
    for batch in batches:
        rows = [_row(vlm, model, sample, paths, settings, objective, name_ids) for sample in batch]
        weights = sum(row.weight * len(row.turn.answer_ids) for row in rows)
        unmasked = float(sum(row.token_mask.sum() for row in rows)) or 1.0
        loss = 0.0
        for row in rows:
            log_probs = _log_probs(vlm, model, row.turn)
            labels = torch.tensor(row.turn.answer_ids, device=vlm.device)
            cross_entropy = row.weight * F.nll_loss(log_probs, labels, reduction="sum") / weights
            divergence = F.kl_div(log_probs, row.reference.exp(), reduction="none") * vocabulary_mask
            dual_masked_kl = (divergence.sum(-1) * row.token_mask).sum() / unmasked
            share = objective.alpha * cross_entropy + objective.beta * dual_masked_kl  # equation 6
            share.backward()
            loss += share.item()
        if moments:
            (settings.anchor_weight * _change(model, moments)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss)

    model.save_pretrained(folder, save_embedding_layers=False)
    model.unload()
    vlm.model.requires_grad_(False)
    return losses


def _change(model: PeftModel, moments: Moments) -> Tensor:
    """Return what the adapter does to its layers' outputs, as a share of what the layers do; ΔW = s B A."""
    shares = []
    for name, layer in adapted_layers(model):
        weight = layer.base_layer.weight
        update = layer.scaling[ADAPTER] * (layer.lora_B[ADAPTER].weight @ layer.lora_A[ADAPTER].weight)
        changed, done = (torch.trace(matrix @ moments[name] @ matrix.T) for matrix in (update, weight))
        shares.append(changed / done)
    return torch.stack(shares).mean()


def _row(
    vlm: VisionLanguageModel,
    model: PeftModel,
    sample: Sample,
    paths: dict[str, Path],
    settings: UnlearningParams,
    objective: Siu,
    name_ids: list[int],
) -> Row:
    """Encode a sample and ask the base model; K_S leaves out what contradicts its knowledge (appendix B)."""
    picture = paths[sample.picture] if sample.picture else None
    turn = TurnEncoder(vlm).encode(Turn(sample.question, sample.answer, picture))
    with torch.no_grad(), model.disable_adapter():
        reference = _log_probs(vlm, model, turn)
    specified = [
        any(left < end and start < right and left < right for start, end in sample.specified)
        for left, right in turn.spans
    ]
    masked = torch.tensor(specified, device=vlm.device) & objective.specified_mask
    if objective.extreme_probability is not None:
        masked |= reference[:, name_ids].exp().sum(-1) >= objective.extreme_probability
    weight = sample.weight * (settings.concept_weight if sample.of_concept else 1.0)
    return Row(turn, weight, reference, (~masked).float())


def _log_probs(vlm: VisionLanguageModel, model: PeftModel, turn: EncodedTurn) -> Tensor:
    """Return (N, V) log-probabilities at the positions that predict the answer's tokens."""
    ids = torch.tensor([[*turn.prompt_ids, *turn.answer_ids]], device=vlm.device)
    mask = torch.ones_like(ids)
    inputs = plain_inputs(vlm, [turn], ids, mask, answered=True)
    logits: Tensor = model(input_ids=ids, attention_mask=mask, use_cache=False, **inputs).logits[0]
    return logits[len(turn.prompt_ids) - 1 : -1].float().log_softmax(-1)


def _optimiser(
    model: PeftModel, settings: UnlearningParams, steps: int
) -> tuple[torch.optim.AdamW, LambdaLR]:
    """Return AdamW with a rate of its own for LoRA's B, and its linear warm-up and cosine above a floor."""
    trained = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for name, weight in trained if part in name], "lr": settings.lr * factor}
        for part, factor in ((".lora_A.", 1.0), (".lora_B.", settings.lora.lr_ratio))
    ]
    warmup = math.ceil(settings.warmup_ratio * steps)

    def rate(done: int) -> float:
        if done < warmup:
            return (done + 1) / (warmup + 1)
        cosine = 0.5 * (1 + math.cos(math.pi * (done - warmup) / max(1, steps - warmup)))
        return settings.min_lr_ratio + (1 - settings.min_lr_ratio) * cosine

    optimiser = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)
    return optimiser, LambdaLR(optimiser, rate)
