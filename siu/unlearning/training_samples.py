"""Fine-tuning samples made ready for training: encoded, masked, with the reference's quantities."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import torch
from peft import PeftModel
from torch import Tensor

from siu.config.params import UnlearningParams
from siu.finetuning_data import FinetuningData
from siu.models import EncodedTurn, TurnEncoder, VisionLanguageModel
from siu.models.engine.batching import Forward, forwards
from siu.models.engine.lower_states import of_lanes
from siu.models.engine.replicas import Lane, Lanes
from siu.models.engine.reply import answer_labels, answer_log_probs
from siu.models.token_spans import name_token_ids
from siu.objectives.masks import vocabulary_mask
from siu.objectives.objective import Objective
from siu.objectives.positions import AnswerPositions, StepTotals
from siu.unlearning.damage import damage
from siu.unlearning.inheritance import NO_INHERITANCE, Inheritance
from siu.unlearning.prepared import Prepared, StepValues, prepare
from siu.unlearning.recent_references import RecentReferences
from siu.unlearning.references import Reference, read_answers, references
from siu.unlearning.step_draw import StepDraw

T = TypeVar("T")

NO_TURNS: Mapping[int, EncodedTurn] = MappingProxyType({})


class TrainingSamples:
    """The samples of one run and the gradient of a step on them.

    Args:
        vlm: The base model, its layers wrapped by ``peft_model``.
        peft_model: The adapter being trained.
        data: Fine-tuning data of one or more concepts.
        paths: Picture file by digest.
        objective: What is minimised; it decides which samples there are and what is computed of them.
        params: Targets, weights, shares and batch sizes.
        inheritance: What was forgotten before: it is rehearsed, and not retained.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        peft_model: PeftModel,
        data: Sequence[FinetuningData],
        paths: dict[str, Path],
        objective: Objective,
        params: UnlearningParams,
        inheritance: Inheritance = NO_INHERITANCE,
    ) -> None:
        self._vlm, self._params, self._objective = vlm, params, objective
        self.lanes = Lanes(vlm, peft_model)
        keeps = objective.depth_read is None
        self._lower = of_lanes([lane.vlm for lane in self.lanes.all]) if keeps else None
        self._drawn = StepDraw(data, objective, params, inheritance)
        self._samples, self._owners = self._drawn.samples, self._drawn.owners
        self._encoder, self._paths = TurnEncoder(vlm), paths
        self._prepared: dict[int, Prepared] = {}
        known = (*data, *inheritance.rehearsed)
        self._names = [of_concept.names for of_concept in known]
        self._name_ids = [name_token_ids(vlm.tokenizer, names) for names in self._names]
        masks = [vocabulary_mask(ids, vlm.vocabulary_size) for ids in self._name_ids]
        self._vocabulary_masks = torch.stack(masks).to(vlm.device)
        self._references = RecentReferences()
        self._suffixed: Mapping[int, EncodedTurn] = NO_TURNS
        self._notes_damage = self._drawn.needs_damages and "logits" in objective.reads

    def draw(self, rng: random.Random) -> list[int]:
        """Return the sample indices of one step."""
        return self._drawn.draw(rng)

    def name_questions(self, indices: list[int]) -> dict[int, tuple[int, EncodedTurn]]:
        """Return a step's questions who is in a concept's picture: by sample, its concept's place, its turn.

        Those whose answers are made unlikely are among them.
        """
        self._prepare(indices)
        return {
            index: (self._owners[index], self._prepared[index].turn)
            for index in indices
            if self._drawn.is_name_question(index)
        }

    def backward(
        self, indices: list[int], weight: float = 1.0, suffixed: Mapping[int, EncodedTurn] = NO_TURNS
    ) -> StepValues:
        """Add one step's gradient, times a weight, to the parameters; return its loss without the weight.

        Args:
            indices: The step's samples.
            weight: What the gradient is multiplied by.
            suffixed: What some samples ask instead; the reference stays that of the sample's own question.
        """
        self._prepare(indices)
        self._suffixed = NO_TURNS
        self._make_references(indices)
        self._suffixed = suffixed
        totals = StepTotals.of(**self._answer_tokens(indices))
        values = self._run(partial(self._backward, totals, weight), indices)
        self.lanes.add_gradients()
        return StepValues.total(values)

    def _run(self, work: Callable[[Lane, list[int]], Iterator[T]], indices: list[int]) -> list[T]:
        """Share samples between the lanes; return what all of them yield."""
        return self.lanes.run(
            lambda lane, places: work(lane, [indices[at] for at in places]), self._turns(indices)
        )

    def _turns(self, indices: list[int]) -> list[EncodedTurn]:
        return [self._suffixed.get(index, self._prepared[index].turn) for index in indices]

    def _backward(
        self, totals: StepTotals, weight: float, lane: Lane, indices: list[int]
    ) -> Iterator[StepValues]:
        """Add the gradient of a lane's samples to its parameters; yield what each micro-batch contributes."""
        for forward, micro_batches in self._forwards(lane, indices):
            for micro_batch in micro_batches:
                positions = self._positions(lane, forward, micro_batch)
                loss = self._objective.loss(positions, totals)
                (weight * loss.total).backward()
                self._note(micro_batch, positions)
                yield StepValues(
                    loss.total.item(), {name: value.item() for name, value in loss.parts.items()}
                )
            forward.backward()

    def _note(self, indices: list[int], positions: AnswerPositions) -> None:
        """Tell the draw of retained samples how they were answered: its next ones depend on it."""
        if not self._notes_damage:
            return
        log_probs = positions.logits.detach().float().log_softmax(-1)
        now = answer_log_probs(log_probs, self._turns(indices))
        before = [self._references[index].answer_log_probs for index in indices]
        self._drawn.note(dict(zip(indices, map(damage, before, now), strict=True)))

    def _forwards(self, lane: Lane, indices: list[int]) -> Iterator[tuple[Forward, list[list[int]]]]:
        turns = self._turns(indices)
        lower = self._lower[lane.number] if self._lower else None
        for forward, micro_batches in forwards(lane.vlm, turns, self._params.micro_batch, lower=lower):
            yield forward, [[indices[at] for at in micro_batch] for micro_batch in micro_batches]

    def _answer_tokens(self, indices: list[int]) -> dict[str, Tensor]:
        """Return (N,) values of all answer tokens of some samples, under the names of `AnswerPositions`."""
        device = self._vlm.device
        prepared = [self._prepared[index] for index in indices]
        tokens = [(row, sample) for row, sample in enumerate(prepared) for _ in sample.specified]
        return {
            "weights": torch.tensor([sample.weight for _, sample in tokens], device=device),
            "token_mask": torch.cat([self._references[index].token_mask for index in indices]),
            "forget": torch.tensor([sample.forget for _, sample in tokens], device=device),
            "rejected": torch.tensor(
                [flag for sample in prepared for flag in sample.rejected], device=device
            ),
            "sample": torch.tensor([row for row, _ in tokens], device=device),
        }

    def _positions(self, lane: Lane, forward: Forward, indices: list[int]) -> AnswerPositions:
        turns = self._turns(indices)
        reads_logits = "logits" in self._objective.reads
        logits, hidden = read_answers(lane.vlm, forward, turns, self._objective, logits=reads_logits)
        references = [self._references[index] for index in indices]
        device = self._vlm.device
        return AnswerPositions(
            labels=answer_labels(turns, device),
            **self._answer_tokens(indices),
            vocabulary_mask=self._vocabulary_mask(indices),
            logits=logits,
            reference_log_probs=torch.cat([reference.log_probs for reference in references]).to(device),
            hidden=hidden,
            reference_hidden=torch.cat([reference.hidden for reference in references]).to(device),
        )

    def _vocabulary_mask(self, indices: list[int]) -> Tensor:
        """Return K_V at the answer positions of some samples; (V,) where one concept is forgotten."""
        if len(self._name_ids) == 1:
            return self._vocabulary_masks[0]
        rows = [self._owners[index] for index in indices for _ in self._prepared[index].specified]
        return self._vocabulary_masks[rows]

    def _prepare(self, indices: list[int]) -> None:
        """Encode what no step has drawn before: about half of the retained samples are never drawn."""
        for index in indices:
            if index not in self._prepared:
                rejected = self._names[self._owners[index]] if index in self._drawn.rejected else ()
                self._prepared[index] = prepare(self._encoder, self._samples[index], self._paths, rejected)

    @torch.no_grad()
    def _make_references(self, indices: list[int]) -> None:
        """Compute what is missing of the reference's quantities, once per sample."""
        computed: dict[int, Reference] = {}
        if missing := self._references.missing(indices):
            with self.lanes.adapter_off():
                computed = dict(self._run(self._reference, missing))
        self._references.use(indices, computed)

    def _reference(self, lane: Lane, indices: list[int]) -> Iterator[tuple[int, Reference]]:
        for forward, micro_batches in self._forwards(lane, indices):
            for micro_batch in micro_batches:
                per_sample = references(
                    lane.vlm,
                    forward,
                    self._turns(micro_batch),
                    [self._prepared[index].specified for index in micro_batch],
                    self._objective,
                    [self._name_ids[self._owners[index]] for index in micro_batch],
                    answers=self._notes_damage,
                )
                yield from zip(micro_batch, per_sample, strict=True)
