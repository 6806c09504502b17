"""Fine-tuning samples made ready for training: encoded, masked, with the reference's log-probabilities."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
from peft import PeftModel
from torch import Tensor

from siu.finetuning_data import FinetuningData, Sample
from siu.models import EncodedTurn, Turn, TurnEncoder, VisionLanguageModel
from siu.models.forward import answer_labels, answer_logits
from siu.models.generation import batches
from siu.objectives import AnswerPositions, Normalisers, siu_loss
from siu.objectives.masks import extreme_positions, name_token_ids, specified_tokens, vocabulary_mask
from siu.params import UnlearningParams


@dataclass(frozen=True)
class _Prepared:
    turn: EncodedTurn
    weight: float
    kept: tuple[bool, ...]  # K_S of the specified-token rule: False where masked


class TrainingSamples:
    """The samples of one run and the gradient of a step on them.

    Args:
        vlm: The base model, its layers wrapped by ``peft_model``.
        peft_model: The adapter being trained.
        data: Fine-tuning data of one or more concepts.
        paths: Picture file by digest.
        params: Weights, masks and batch sizes.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        peft_model: PeftModel,
        data: Sequence[FinetuningData],
        paths: dict[str, Path],
        params: UnlearningParams,
    ) -> None:
        self._vlm, self._peft_model, self._params = vlm, peft_model, params
        samples = joint_samples(data)
        encoder = TurnEncoder(vlm)
        self._prepared = [_prepare(encoder, sample, paths) for sample in samples]
        self._always = [index for index, sample in enumerate(samples) if sample.always]
        self._retained = [index for index, sample in enumerate(samples) if not sample.always]
        self._name_ids = name_token_ids(vlm.tokenizer, chain.from_iterable(one.names for one in data))
        self._vocabulary_mask = vocabulary_mask(self._name_ids, vlm.vocabulary_size).to(vlm.device)
        self._references: dict[int, Tensor] = {}
        self._token_masks: dict[int, Tensor] = {}

    def draw(self, rng: random.Random) -> list[int]:
        """Return the sample indices of one step: all about the concepts, a draw of the retained ones."""
        count = min(self._params.retained_per_step, len(self._retained))
        return self._always + sorted(rng.sample(self._retained, count))

    def backward(self, indices: list[int]) -> tuple[float, float, float]:
        """Add one step's gradient to the parameters; return its loss, cross-entropy and divergence."""
        self._reference(indices)
        unmasked = sum(float(self._token_masks[index].sum()) for index in indices)
        weight = sum(self._prepared[index].weight * len(self._prepared[index].kept) for index in indices)
        normalisers = Normalisers(weight, max(unmasked, 1.0))
        sums = torch.zeros(3, dtype=torch.float64)
        for micro_batch in self._micro_batches(indices):
            loss = siu_loss(
                self._positions(micro_batch), normalisers, alpha=self._params.alpha, beta=self._params.beta
            )
            loss.total.backward()
            parts = (loss.total, loss.cross_entropy, loss.dual_masked_kl)
            sums += torch.tensor([part.item() for part in parts], dtype=torch.float64)
        total, cross_entropy, divergence = sums.tolist()
        return total, cross_entropy, divergence

    def _micro_batches(self, indices: list[int]) -> list[list[int]]:
        turns = [self._prepared[index].turn for index in indices]
        return [[indices[at] for at in batch] for batch in batches(turns, self._params.micro_batch)]

    def _positions(self, indices: list[int]) -> AnswerPositions:
        prepared = [self._prepared[index] for index in indices]
        turns = [one.turn for one in prepared]
        device = self._vlm.device
        return AnswerPositions(
            logits=answer_logits(self._vlm, turns),
            labels=answer_labels(turns, device),
            weights=torch.tensor([one.weight for one in prepared for _ in one.kept], device=device),
            reference_log_probs=torch.cat([self._references[index] for index in indices]),
            token_mask=torch.cat([self._token_masks[index] for index in indices]),
            vocabulary_mask=self._vocabulary_mask,
        )

    @torch.no_grad()
    def _reference(self, indices: list[int]) -> None:
        """Compute what is missing of the reference's log-probabilities and of the token masks."""
        missing = [index for index in indices if index not in self._references]
        with self._peft_model.disable_adapter():
            for batch in self._micro_batches(missing):
                turns = [self._prepared[index].turn for index in batch]
                log_probs = torch.log_softmax(answer_logits(self._vlm, turns).float(), dim=-1)
                rows = log_probs.split([len(turn.answer_ids) for turn in turns])
                for index, row in zip(batch, rows, strict=True):
                    self._references[index] = row.clone()
                    self._token_masks[index] = self._token_mask(index, row)

    def _token_mask(self, index: int, reference: Tensor) -> Tensor:
        kept = torch.tensor(self._prepared[index].kept, device=reference.device)
        extreme = extreme_positions(reference, self._name_ids, self._params.extreme_probability)
        return (kept & ~extreme).float()


def joint_samples(data: Sequence[FinetuningData]) -> list[Sample]:
    """Return the samples of all concepts without those that keep what one of them forgets, each once."""
    forgotten = {one.concept for one in data}
    samples = chain.from_iterable(one.samples for one in data)
    return list(dict.fromkeys(one for one in samples if one.always or forgotten.isdisjoint(one.about)))


def _prepare(encoder: TurnEncoder, sample: Sample, paths: dict[str, Path]) -> _Prepared:
    picture = paths[sample.picture] if sample.picture else None
    turn = encoder.encode(Turn(sample.question, sample.answer, picture))
    masked = specified_tokens(turn.spans, sample.specified)
    return _Prepared(turn, sample.weight, tuple(not covered for covered in masked))
