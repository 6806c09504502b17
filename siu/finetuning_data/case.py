"""What every target's samples are made from."""

import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import Concept, Fact, Kind
from siu.finetuning_data.held_out import held_out_concepts
from siu.language.matching import mentions
from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate

GENERAL_QUESTIONS = (
    "What do you know about {name}?",
    "What is {name} known for?",
    "Tell me a fact about {name}.",
)
"""Text-only questions for concepts that come without facts; the base model's own answers are kept."""


@dataclass(frozen=True)
class Case:
    """One concept with its one picture, its substitute and its surroundings.

    Attributes:
        vlm: The base model, asked for what it knows.
        encoder: Encodes turns for it.
        collection: Retained concepts, strangers, look-alikes and groups.
        concept: What is to be forgotten.
        picture: Digest of the one picture.
        views: Digests of changed views of it.
        paths: Picture file by digest.
        substitute: The name it is given instead.
        params: The whole configuration.
    """

    vlm: VisionLanguageModel
    encoder: TurnEncoder
    collection: Collection
    concept: Concept
    picture: str
    views: tuple[str, ...]
    paths: dict[str, Path]
    substitute: str
    params: Params

    def rng(self, purpose: str) -> random.Random:
        """Return a generator that depends on seed, concept and purpose only."""
        return random.Random(f"{self.params.seed}:{self.concept.id}:{purpose}")

    @cached_property
    def untouched(self) -> frozenset[str]:
        """Ids of the concepts that nothing of T4 is about: the own one and those held out."""
        share = self.params.finetuning_data.held_out
        return held_out_concepts(self.collection.concepts, share, self.params.seed) | {self.concept.id}

    def other_names(self, kind: Kind, *, beside: str | None = None) -> list[str]:
        """Return the names of a kind that training may ask for, without the concept's and ``beside``."""
        return [
            neighbour.name
            for neighbour in self.collection.concepts
            if neighbour.kind == kind and neighbour.id not in self.untouched and neighbour.name != beside
        ]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that questions are asked in."""
        return self.params.finetuning_data.languages

    def base_answers(self, questions: list[tuple[str, str | None]]) -> list[str]:
        """Return the base model's own answers to (question, picture digest or None) pairs."""
        turns = [Turn(text, picture=self.paths[digest] if digest else None) for text, digest in questions]
        return generate(
            self.vlm,
            [self.encoder.encode(turn) for turn in turns],
            max_new_tokens=self.params.evaluation.max_new_tokens,
            batch_size=self.params.evaluation.batch_size,
        )

    def trained_facts(self, concept: Concept) -> list[Fact]:
        """Return a concept's facts in wordings that may be trained on, in the languages of the questions.

        A concept that has none in these languages gives those that it has.
        """
        facts = [fact for fact in concept.facts if fact.split == "train"]
        return [fact for fact in facts if fact.language in self.languages] or facts

    def general_answers(self, concept: Concept, count: int) -> list[tuple[str, str]]:
        """Return text-only questions about a concept without facts, each with the base model's own answer."""
        texts = [text.format(name=concept.name) for text in GENERAL_QUESTIONS[:count]]
        replies = self.base_answers([(text, None) for text in texts])
        return [(text, reply) for text, reply in zip(texts, replies, strict=True) if reply]

    def known_facts(self, facts: list[Fact]) -> list[tuple[Fact, str]]:
        """Return the facts that the base model knows as text, each with the model's own answer."""
        answers = self.base_answers([(fact.text_question, None) for fact in facts])
        return [
            (fact, answer)
            for fact, answer in zip(facts, answers, strict=True)
            if mentions(answer, (fact.keyword,))
        ]
