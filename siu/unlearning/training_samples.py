"""Fine-tuning samples made ready for training: encoded, masked, with the reference's quantities."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
from peft import PeftModel
from torch import Tensor

from siu.errors import ConceptError
from siu.finetuning_data import FinetuningData, Sample
from siu.models import EncodedTurn, Turn, TurnEncoder, VisionLanguageModel
from siu.models.batching import Forward, forwards
from siu.models.lower_states import LowerStates
from siu.models.reply import answer_labels
from siu.objectives.depth import layer_at
from siu.objectives.masks import name_token_ids, specified_tokens, vocabulary_mask
from siu.objectives.objective import Objective
from siu.objectives.positions import AnswerPositions, StepTotals
from siu.params import UnlearningParams
from siu.unlearning.chosen_samples import joint_samples, rejected_samples
from siu.unlearning.concept_draw import ConceptDraw
from siu.unlearning.retained_draw import RetainedDraw


@dataclass(frozen=True)
class StepValues:
    """A step's loss and its unweighted parts by name."""

    loss: float
    parts: dict[str, float]


@dataclass(frozen=True)
class _Prepared:
    turn: EncodedTurn
    weight: float
    forget: bool
    rejected: bool
    specified: tuple[bool, ...]


@dataclass(frozen=True)
class _Reference:
    log_probs: Tensor
    hidden: Tensor
    token_mask: Tensor


class TrainingSamples:
    """The samples of one run and the gradient of a step on them.

    Args:
        vlm: The base model, its layers wrapped by ``peft_model``.
        peft_model: The adapter being trained.
        data: Fine-tuning data of one or more concepts.
        paths: Picture file by digest.
        objective: What is minimised; it decides which samples there are and what is computed of them.
        params: Batch sizes.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        peft_model: PeftModel,
        data: Sequence[FinetuningData],
        paths: dict[str, Path],
        objective: Objective,
        params: UnlearningParams,
    ) -> None:
        self._vlm, self._peft_model, self._params = vlm, peft_model, params
        self._lower = LowerStates(vlm) if objective.depth_read is None else None
        self._objective = objective
        taught = [one for one in joint_samples(data, objective) if one.target in params.targets]
        if not taught:
            what = f"{params.objective} trains on none of {', '.join(params.targets)}"
            raise ConceptError("E-FTD-004", what, "Name more unlearning.targets, or use another objective")
        rejected = rejected_samples(data) if objective.uses_rejected else []
        rejected = [one for one in rejected if one.target in params.targets]
        encoder = TurnEncoder(vlm)
        self._prepared = [_prepare(encoder, one, paths, rejected=False) for one in taught]
        self._prepared += [_prepare(encoder, one, paths, rejected=True) for one in rejected]
        own = {index: sample.item for index, sample in enumerate(taught) if sample.of_concept}
        own |= dict.fromkeys(range(len(taught), len(self._prepared)), "rejected")
        self._own = ConceptDraw(own, params.concept_share)
        retained = [index for index, sample in enumerate(taught) if not sample.of_concept]
        self._retained = RetainedDraw(retained, params.retained_per_step, params.hard_share)
        self._name_ids = name_token_ids(vlm.tokenizer, chain.from_iterable(one.names for one in data))
        self._vocabulary_mask = vocabulary_mask(self._name_ids, vlm.vocabulary_size).to(vlm.device)
        self._references: dict[int, _Reference] = {}

    def draw(self, rng: random.Random) -> list[int]:
        """Return the sample indices of one step: some about the concepts, then some retained ones."""
        return self._own.draw(rng) + self._retained.draw(rng)

    def backward(self, indices: list[int], weight: float = 1.0) -> StepValues:
        """Add one step's gradient, times a weight, to the parameters; return its loss without the weight."""
        self._make_references(indices)
        totals = StepTotals.of(*self._tokens(indices))
        loss, parts = 0.0, dict[str, float]()
        for forward, micro_batches in self._forwards(indices):
            for micro_batch in micro_batches:
                positions = self._positions(forward, micro_batch)
                share = self._objective.loss(positions, totals)
                (weight * share.total).backward()
                self._note(micro_batch, positions)
                loss += share.total.item()
                for name, value in share.parts.items():
                    parts[name] = parts.get(name, 0.0) + value.item()
            forward.backward()
        return StepValues(loss, parts)

    def _note(self, indices: list[int], positions: AnswerPositions) -> None:
        if "logits" in self._objective.reads:
            lengths = [len(self._prepared[index].specified) for index in indices]
            self._retained.note(indices, lengths, positions.logits, positions.labels)

    def _forwards(self, indices: list[int]) -> Iterator[tuple[Forward, list[list[int]]]]:
        turns = [self._prepared[index].turn for index in indices]
        for forward, micro_batches in forwards(self._vlm, turns, self._params.micro_batch, lower=self._lower):
            yield forward, [[indices[at] for at in micro_batch] for micro_batch in micro_batches]

    def _tokens(self, indices: list[int]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return each answer position's loss weight, K_S, whether to forget, to reject, and its sample."""
        prepared = [self._prepared[index] for index in indices]
        device = self._vlm.device
        return (
            torch.tensor([one.weight for one in prepared for _ in one.specified], device=device),
            torch.cat([self._references[index].token_mask for index in indices]),
            torch.tensor([one.forget for one in prepared for _ in one.specified], device=device),
            torch.tensor([one.rejected for one in prepared for _ in one.specified], device=device),
            torch.tensor([row for row, one in enumerate(prepared) for _ in one.specified], device=device),
        )

    def _positions(self, forward: Forward, indices: list[int]) -> AnswerPositions:
        turns = [self._prepared[index].turn for index in indices]
        weights, token_mask, forget, rejected, sample = self._tokens(indices)
        logits, hidden = self._read(forward, turns, logits="logits" in self._objective.reads)
        references = [self._references[index] for index in indices]
        return AnswerPositions(
            labels=answer_labels(turns, self._vlm.device),
            weights=weights,
            sample=sample,
            forget=forget,
            rejected=rejected,
            token_mask=token_mask,
            vocabulary_mask=self._vocabulary_mask,
            logits=logits,
            reference_log_probs=torch.cat([one.log_probs for one in references]),
            hidden=hidden,
            reference_hidden=torch.cat([one.hidden for one in references]),
        )

    def _read(self, forward: Forward, turns: list[EncodedTurn], *, logits: bool) -> tuple[Tensor, Tensor]:
        """Return (N, V) logits and (N, D) hidden states at answer positions; empty where not wanted."""
        answers = torch.empty(0, self._vlm.vocabulary_size, device=self._vlm.device)
        hidden = torch.empty(0, 0, device=self._vlm.device)
        if logits:
            answers = self._vlm.logits(forward.answer_states(turns))
        if self._objective.depth_read is not None:
            layer = layer_at(self._objective.depth_read, self._vlm.layer_count)
            states = forward.answer_states(turns, layer)
            hidden = states if states.dtype.itemsize >= 4 else states.float()
        return answers, hidden

    @torch.no_grad()
    def _make_references(self, indices: list[int]) -> None:
        """Compute what is missing of the reference's quantities, once per sample."""
        missing = [index for index in indices if index not in self._references]
        with self._peft_model.disable_adapter():
            for forward, micro_batches in self._forwards(missing):
                for micro_batch in micro_batches:
                    self._keep_reference(forward, micro_batch)

    def _keep_reference(self, forward: Forward, indices: list[int]) -> None:
        turns = [self._prepared[index].turn for index in indices]
        logits, hidden = self._read(forward, turns, logits="reference" in self._objective.reads)
        counts = [len(turn.answer_ids) for turn in turns]
        rows = zip(_rows(logits.float().log_softmax(-1), counts), _rows(hidden, counts), strict=True)
        for index, (log_probs, states) in zip(indices, rows, strict=True):
            specified = torch.tensor(self._prepared[index].specified, device=self._vlm.device)
            mask = self._objective.token_mask(specified, log_probs, self._name_ids)
            self._references[index] = _Reference(log_probs.clone(), states.clone(), mask)


def _rows(values: Tensor, counts: list[int]) -> Sequence[Tensor]:
    """Split (N, …) values by sample; values that were not read stay empty for each sample."""
    return values.split(counts) if len(values) else [values] * len(counts)


def _prepare(encoder: TurnEncoder, sample: Sample, paths: dict[str, Path], *, rejected: bool) -> _Prepared:
    picture = paths[sample.picture] if sample.picture else None
    turn = encoder.encode(Turn(sample.question, sample.answer, picture))
    masked = [True] * len(turn.spans) if rejected else specified_tokens(turn.spans, sample.specified)
    return _Prepared(turn, sample.weight, sample.forget, rejected, tuple(masked))
