"""Suffixes that would bring an old name back, improved while the adapter is trained.

R2D2 of Mazeika et al. 2024 (HarmBench, arXiv 2402.04249) for pictures: a pool of suffixes for each concept is
kept up with the adapter by greedy coordinate gradient, one token a step, and some of the questions who is
shown are asked with one of them. The answers stay what they were; the reference is that of the
question alone, so the adapter learns to say after a suffix what it says without one.
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from siu.finetuning_data import FinetuningData
from siu.models import EncodedTurn, TurnEncoder, VisionLanguageModel
from siu.models.token_search import TokenSearch
from siu.objectives.suffixes import Suffixes
from siu.unlearning.old_names import old_name_turns

_PICTURES = 2
"""Pictures that a suffix is improved on."""
_RENEWED_EVERY = 40
"""Steps between two renewals: a pool of old suffixes alone would be an attacker who never starts again."""


class SuffixPool:
    """The suffixes of one run, and the questions asked with them.

    Args:
        vlm: The model, with the adapter being trained.
        data: Fine-tuning data of the concepts.
        paths: Picture file by digest.
        settings: How many suffixes, how long, and how often they are asked with.
        seed: Decides suffixes and draws, together with the step.
        batch_size: Rows per forward pass of the search.

    Attributes:
        suffixes: Token ids of each suffix of each concept.
        loss: How unlikely the old name is with the suffix that was improved last, in nats per token.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        data: Sequence[FinetuningData],
        paths: dict[str, Path],
        settings: Suffixes,
        *,
        seed: int,
        batch_size: int,
    ) -> None:
        self._settings, self._seed = settings, seed
        self._search = TokenSearch(vlm, tried=settings.tried, seed=seed, batch_size=batch_size)
        encoder = TurnEncoder(vlm)
        self._by_picture = [old_name_turns(encoder, of_concept, paths) for of_concept in data]
        self.loss = 0.0
        self.suffixes = [[self._drawn() for _ in range(settings.count)] for _ in data]

    def suffixed(self, step: int, questions: Mapping[int, tuple[int, EncodedTurn]]) -> dict[int, EncodedTurn]:
        """Improve a suffix, and return some of a step's turns with one of their concept after the question.

        Args:
            step: Decides, with the seed, which turns and which suffixes.
            questions: Questions who is shown: by sample, its concept's place in the data and its turn.
        """
        rng = random.Random(f"{self._seed}:{step}:suffix")
        self._improve(step, rng)
        return {
            index: self._search.inserted(turn, rng.choice(self.suffixes[concept]))
            for index, (concept, turn) in questions.items()
            if rng.random() < self._settings.share
        }

    def _improve(self, step: int, rng: random.Random) -> None:
        """Replace one token of one suffix, if that makes its concept's old name likelier.

        The concepts take turns; now and then a suffix begins anew.
        """
        concept = step % len(self.suffixes)
        pool, by_picture = self.suffixes[concept], self._by_picture[concept]
        at = rng.randrange(len(pool))
        if step % _RENEWED_EVERY == 0:
            pool[at] = self._drawn()
        pictures = rng.sample(by_picture, min(_PICTURES, len(by_picture)))
        turns = [rng.choice(wordings) for wordings in pictures]
        if turns:
            suffix = self._search.improved(self._search.measured(pool[at], turns), turns)
            pool[at], self.loss = suffix.ids, suffix.loss

    def _drawn(self) -> tuple[int, ...]:
        return self._search.drawn(self._settings.tokens)
