"""One model state under attack, with the cases that are tried on it, and how it is asked."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from siu.attacks.case import Case
from siu.attacks.likelihoods import Likelihood, likelihoods
from siu.attacks.observation import QuotedAnswer, mean
from siu.attacks.question_set import QuestionSet, affirms, taught_questions
from siu.language.identity import named
from siu.language.matching import mentions
from siu.models import EncodedTurn, Turn, TurnEncoder, VisionLanguageModel, generate
from siu.models.engine.sampling import sample
from siu.models.merged import AdapterStrength

Sides = tuple[list[Likelihood], list[Likelihood]]
"""Members and matched non-members."""


@dataclass(frozen=True)
class Ask:
    """One question of an attack.

    Attributes:
        case: Index of the case in the scene.
        variant: Which variant of the attack.
        question: What is asked.
        picture: The picture shown, if any.
        keywords: An answer that mentions any of them gives the concept away; None means that Yes does.
        prefill: How the answer begins; the model goes on from there.
        fact: Whether the keywords are words of a fact; else they are names, found in any spelling.
        language: BCP 47 code of the question.
    """

    case: int
    variant: str
    question: str
    picture: Path | None
    keywords: tuple[str, ...] | None
    prefill: str = ""
    fact: bool = False
    language: str = "en"


@dataclass(frozen=True)
class Reply:
    """The answer to an `Ask`, and whether it gives the concept away."""

    ask: Ask
    answer: str
    right: bool

    def quoted(self) -> QuotedAnswer:
        """Return it for the record."""
        ask = self.ask
        question = f"{ask.question} | {ask.prefill}" if ask.prefill else ask.question
        shown = ask.picture.name if ask.picture else None
        return QuotedAnswer(ask.variant, question, shown, self.answer, self.right, ask.language)


@dataclass(frozen=True)
class Scene:
    """A model state and the cases that an attack is tried on.

    Attributes:
        vlm: The model in the state that is attacked: what was learned or unlearned is in its weights.
        cases: The concept first; then, except on a gold model, strangers and retained concepts.
        strangers: Pictures of strangers that attacks are measured on.
        reference: Other pictures of strangers: what is usual.
        state: ``unlearned`` or ``gold``.
        seed: Start of every random number.
        batch_size: Rows per forward pass.
        max_new_tokens: Longest answer.
        questions: What is asked in which language.
        strength: How much of the adapter is in the weights; None where there is no adapter.
    """

    vlm: VisionLanguageModel
    cases: tuple[Case, ...]
    strangers: tuple[Path, ...] = ()
    reference: tuple[Path, ...] = ()
    state: Literal["unlearned", "gold"] = "unlearned"
    seed: int = 0
    batch_size: int = 128
    max_new_tokens: int = 32
    questions: QuestionSet = field(default_factory=taught_questions)
    strength: AdapterStrength | None = None
    _plain: dict[int, list[float]] = field(default_factory=dict, init=False, repr=False)
    _likelihoods: dict[tuple[int, int], Sides] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def encoder(self) -> TurnEncoder:
        """Encodes questions; keeps the prompts it has seen."""
        return TurnEncoder(self.vlm)

    def on(self, vlm: VisionLanguageModel) -> "Scene":
        """Return the same scene on another model."""
        return replace(self, vlm=vlm)

    def rng(self, *place: object) -> random.Random:
        """Return a generator that depends on the seed and a place only."""
        return random.Random(":".join(map(str, (self.seed, self.cases[0].concept.id, *place))))

    def encode(self, ask: Ask) -> EncodedTurn:
        """Return a question as token ids; a prefill's tokens stand after the prompt."""
        turn = self.encoder.encode(Turn(ask.question, ask.prefill, ask.picture))
        begun = tuple(
            token for token, (start, end) in zip(turn.answer_ids, turn.spans, strict=True) if end > start
        )
        return EncodedTurn((*turn.prompt_ids, *begun), (), (), ask.picture)

    def ask(self, asks: Sequence[Ask]) -> list[Reply]:
        """Return the greedy answers to questions about any cases, in their order."""
        turns = [self.encode(ask) for ask in asks]
        answers = generate(self.vlm, turns, max_new_tokens=self.max_new_tokens, batch_size=self.batch_size)
        return [Reply(ask, text, _gives_away(ask, text)) for ask, text in zip(asks, answers, strict=True)]

    def sample(self, asks: Sequence[Ask], count: int) -> list[list[Reply]]:
        """Return so many answers to each question, drawn at temperature 1 from the model's distribution."""
        drawn = sample(
            self.vlm,
            [self.encode(ask) for ask in asks],
            count=count,
            seed=self.seed,
            max_new_tokens=self.max_new_tokens,
            batch_size=self.batch_size,
        )
        return [
            [Reply(ask, text, _gives_away(ask, text)) for text in texts]
            for ask, texts in zip(asks, drawn, strict=True)
        ]

    def plain(self, index: int, pictures: int) -> float | None:
        """Return how often a case's test pictures are named without any attack; each is asked once.

        Args:
            index: The case.
            pictures: How many of its test pictures, at most: those that the attack is measured on.
        """
        asks = self.naming(index, pictures, "plain")
        known = self._plain.setdefault(index, [])
        known += [float(reply.right) for reply in self.ask(asks[len(known) :])]
        return mean(known[: len(asks)])

    def likelihoods(self, index: int, pictures: int) -> Sides:
        """Return how likely a case's name is on its own and on strangers' pictures; one pass for all attacks.

        Args:
            index: The case.
            pictures: Pictures per side, at most.
        """
        key = (index, pictures)
        if key not in self._likelihoods:
            turns = self.membership_turns(index, pictures)
            named = self.cases[index].named
            scored = likelihoods(
                self.vlm, [*turns[0], *turns[1]], [named] * sum(map(len, turns)), batch_size=self.batch_size
            )
            self._likelihoods[key] = scored[: len(turns[0])], scored[len(turns[0]) :]
        return self._likelihoods[key]

    def membership_turns(self, index: int, pictures: int) -> tuple[list[EncodedTurn], list[EncodedTurn]]:
        """Return members and matched non-members: the same question and answer on other pictures."""
        case = self.cases[index]
        question = case.wordings("name", "test")[0]
        members, strangers = (
            [self.encoder.encode(Turn(question, case.named, picture)) for picture in side[:pictures]]
            for side in (case.test, self.strangers)
        )
        return members, strangers

    def naming(self, index: int, pictures: int, variant: str, *, wordings: int = 2) -> list[Ask]:
        """Return the plain recognition questions about a case's first test pictures, in test wordings."""
        case = self.cases[index]
        texts = case.wordings("name", "test")
        return [
            Ask(index, variant, texts[(number + turn) % len(texts)], picture, case.names)
            for number, picture in enumerate(case.test[:pictures])
            for turn in range(min(wordings, len(texts)))
        ]


def _gives_away(ask: Ask, answer: str) -> bool:
    if ask.keywords is None:
        return affirms(answer)
    holds = mentions if ask.fact else named
    return any(
        holds(text, ask.keywords) for text in (answer, ask.prefill + answer, f"{ask.prefill} {answer}")
    )
