"""A cheap check of a run on its way: likelihoods on the training picture and on retained samples only."""

import math
import random
from collections.abc import Sequence
from pathlib import Path

from siu.finetuning_data import FinetuningData, Sample
from siu.language.identity import name_spans
from siu.models import EncodedTurn, Turn, TurnEncoder, VisionLanguageModel, token_log_probs
from siu.models.token_spans import specified_tokens
from siu.unlearning.chosen_samples import retained_samples
from siu.unlearning.damage import damage
from siu.unlearning.result import Progress


class ProgressCheck:
    """Asks what the base model said about each concept's one picture, and what is retained.

    Args:
        vlm: The base model; to be in that state now.
        data: Fine-tuning data of the concepts.
        paths: Picture file by digest.
        retained: How many retained samples are looked at.
        seed: Decides which.
        batch_size: Rows per forward pass.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        data: Sequence[FinetuningData],
        paths: dict[str, Path],
        *,
        retained: int,
        seed: int,
        batch_size: int,
    ) -> None:
        self._vlm, self._batch_size = vlm, batch_size
        self._encoder, self._paths = TurnEncoder(vlm), paths
        self._names = [self._answers(of_concept, "name") for of_concept in data]
        self._yes = [self._answers(of_concept, "yes_no") for of_concept in data]
        teaching = [sample for sample in retained_samples(data) if sample.weight > 0]
        drawn = random.Random(f"{seed}:progress").sample(teaching, min(retained, len(teaching)))
        self._retained = [self._encode(sample) for sample in drawn]
        self._before = self._scores()

    def measure(self) -> Progress:
        """Return how far the model is in the state it is in."""
        return Progress(
            name_probability=max(map(self._probability, self._names)),
            yes_probability=max(map(self._probability, self._yes)),
            kept=self._share_left(),
        )

    def _answers(self, data: FinetuningData, item: str) -> list[tuple[EncodedTurn, list[bool]]]:
        """Return the base model's answers on the one picture, and which of their tokens count.

        Of an answer with the name the tokens of the name count, of Yes all.
        """
        answers = []
        for sample in data.originals:
            spans = name_spans(sample.answer, data.names) if item == "name" else [(0, len(sample.answer))]
            if sample.item == item and sample.picture == data.picture and spans:
                turn = self._encode(sample)
                answers.append((turn, specified_tokens(turn.spans, spans)))
        return answers

    def _encode(self, sample: Sample) -> EncodedTurn:
        picture = self._paths[sample.picture] if sample.picture else None
        return self._encoder.encode(Turn(sample.question, sample.answer, picture))

    def _probability(self, answers: list[tuple[EncodedTurn, list[bool]]]) -> float:
        """Return the mean probability of what counts of the answers; 0 if there is none."""
        scores = token_log_probs(self._vlm, [turn for turn, _ in answers], batch_size=self._batch_size)
        values = [
            math.exp(sum(score for score, is_counted in zip(row, counts, strict=True) if is_counted))
            for row, (_, counts) in zip(scores, answers, strict=True)
        ]
        return sum(values) / len(values) if values else 0.0

    def _share_left(self) -> float:
        """Return what is left of the retained answers' probabilities, by the token that lost most."""
        values = [min(1.0, math.exp(-lost)) for lost in map(damage, self._before, self._scores())]
        return sum(values) / len(values) if values else 1.0

    def _scores(self) -> list[list[float]]:
        return token_log_probs(self._vlm, self._retained, batch_size=self._batch_size)
