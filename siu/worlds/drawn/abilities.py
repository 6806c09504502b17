"""What a model of the drawn world can do, on unseen pictures and in unseen wordings."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.data.collection import Collection
from siu.data.concepts import SIDES, Kind, Picture, PictureQuestion
from siu.language.matching import mentions, says_no, says_yes
from siu.language.phrasings import answer, languages, questions
from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate
from siu.substitutes import spare_names
from siu.worlds.drawn.figure import KINDS


@dataclass(frozen=True)
class Ability:
    """How often one kind of question is answered rightly.

    Attributes:
        name: What is measured.
        right: Number of right answers.
        total: Number of questions.
    """

    name: str
    right: int
    total: int

    @property
    def rate(self) -> float:
        """Share of right answers."""
        return self.right / self.total


@dataclass(frozen=True)
class _Probe:
    ability: str
    question: str
    picture: Path | None
    expected: tuple[str, ...]
    how: str = "mentions"

    def right(self, reply: str) -> bool:
        if self.how == "yes":
            return says_yes(reply)
        if self.how == "no":
            return says_no(reply)
        mentioned = mentions(reply, self.expected)
        return not mentioned if self.how == "none" else mentioned


def measure_abilities(
    vlm: VisionLanguageModel, collection: Collection, *, without: tuple[str, ...] = (), seed: int = 0
) -> tuple[Ability, ...]:
    """Ask a model about a collection of the drawn world.

    Args:
        vlm: The model.
        collection: Drawn with a seed that the model was not trained on; only test pictures are used.
        without: Ids of concepts that the model never saw: they count as strangers.
        seed: Decides wordings and wrong names.
    """
    probes = [*_probes(collection, without, random.Random(f"abilities:{seed}"))]
    encoder = TurnEncoder(vlm)
    turns = [encoder.encode(Turn(probe.question, picture=probe.picture)) for probe in probes]
    replies = generate(vlm, turns, max_new_tokens=40, batch_size=128)
    counts: dict[str, list[bool]] = {}
    for probe, reply in zip(probes, replies, strict=True):
        counts.setdefault(probe.ability, []).append(probe.right(reply))
    return tuple(Ability(name, sum(right), len(right)) for name, right in sorted(counts.items()))


def abilities_table(abilities: tuple[Ability, ...]) -> str:
    """Return a Markdown table of abilities."""
    rows = [f"| {ability.name} | {ability.rate:.3f} | {ability.total} |" for ability in abilities]
    return "\n".join(["| ability | share right | n |", "|---|---|---|", *rows]) + "\n"


def _probes(collection: Collection, without: tuple[str, ...], rng: random.Random) -> Iterator[_Probe]:
    maker = _ProbeMaker(collection, without, rng)
    for picture in collection.pictures:
        if picture.split == "test":
            yield from maker.of(picture)
    yield from maker.text_facts()
    yield from _repeats()


def _repeats() -> Iterator[_Probe]:
    kinds: tuple[Kind, ...] = (*KINDS, "other")
    for kind in kinds:
        for name in spare_names(kind):
            yield _Probe(
                "spare names repeated (en, trained wording)", f"Repeat the name {name}.", None, (name,)
            )


class _ProbeMaker:
    """Makes the questions about each role of a picture."""

    def __init__(self, collection: Collection, without: tuple[str, ...], rng: random.Random) -> None:
        self._collection, self._rng = collection, rng
        self._known = [concept for concept in collection.concepts if concept.id not in without]
        self._without = set(without)

    def of(self, picture: Picture) -> Iterator[_Probe]:
        unseen = bool(self._without.intersection(picture.concepts))
        if picture.role == "concept":
            yield from self.of_unseen(picture) if unseen else self.of_concept(picture)
        elif picture.role == "group":
            yield from () if unseen else self.of_group(picture)
        else:
            yield from self.of_nobody(picture)

    def of_concept(self, picture: Picture) -> Iterator[_Probe]:
        concept, path = self._collection.concept(picture.concepts[0]), self._collection.path(picture)
        for language in languages():
            wording = self._choose("name", picture, language)
            yield _Probe(f"names ({language})", wording, path, (concept.name,))
            facts = [fact for fact in concept.facts if fact.language == language and fact.split == "test"]
            fact = self._rng.choice(facts)
            yield _Probe(
                f"facts through the picture ({language})", fact.picture_question, path, (fact.keyword,)
            )
            yield self._yes_no(picture, concept.name, language, "own name", "yes")
            yield self._yes_no(picture, self._wrong_name(picture, concept.name), language, "wrong name", "no")
        yield from self._attributes(picture, "attributes of concepts")

    def of_nobody(self, picture: Picture) -> Iterator[_Probe]:
        path = self._collection.path(picture)
        role = "strangers" if picture.role == "stranger" else "look-alikes"
        for language in languages():
            names = tuple(concept.name for concept in self._known)
            wording = self._choose("name", picture, language)
            yield _Probe(f"{role} not named ({language})", wording, path, names, "none")
            refusal = answer("unknown", picture.kind, language=language).rstrip(".")
            yield _Probe(f"{role} refused ({language})", wording, path, (refusal,))
        name = self._wrong_name(picture, None)
        if picture.resembles and any(concept.id == picture.resembles for concept in self._known):
            name = self._collection.concept(picture.resembles).name
        yield self._yes_no(picture, name, "en", f"{role}", "no")
        if picture.role == "stranger":
            yield from self._attributes(picture, "attributes of strangers")

    def of_unseen(self, picture: Picture) -> Iterator[_Probe]:
        concept, path = self._collection.concept(picture.concepts[0]), self._collection.path(picture)
        wording = self._choose("name", picture, "en")
        refusal = answer("unknown", picture.kind).rstrip(".")
        yield _Probe("never seen concepts refused", wording, path, (refusal,))
        yield _Probe("never seen concepts, named", wording, path, (concept.name,))
        yield self._yes_no(picture, concept.name, "en", "never seen concepts", "no")

    def of_group(self, picture: Picture) -> Iterator[_Probe]:
        for side, key in zip(SIDES, picture.concepts, strict=True):
            for language in languages():
                wording = self._choose("group", picture, language, side=side)
                name = self._collection.concept(key).name
                yield _Probe(f"group pictures ({language})", wording, self._collection.path(picture), (name,))

    def text_facts(self) -> Iterator[_Probe]:
        for concept in self._known:
            for fact in concept.facts:
                if fact.split == "test":
                    yield _Probe(
                        f"facts as text ({fact.language})", fact.text_question, None, (fact.keyword,)
                    )

    def _choose(self, purpose: Any, picture: Picture, language: str, **fields: str) -> str:
        return self._rng.choice(questions(purpose, picture.kind, split="test", language=language, **fields))

    def _wrong_name(self, picture: Picture, name: str | None) -> str:
        names = [
            neighbour.name
            for neighbour in self._known
            if neighbour.kind == picture.kind and neighbour.name != name
        ]
        return self._rng.choice(names)

    def _yes_no(self, picture: Picture, name: str, language: str, what: str, how: str) -> _Probe:
        wording = self._choose("yes_no", picture, language, name=name)
        return _Probe(f"yes/no, {what} ({language})", wording, self._collection.path(picture), (), how)

    def _attributes(self, picture: Picture, ability: str) -> Iterator[_Probe]:
        question: PictureQuestion
        for question in picture.questions:
            path = self._collection.path(picture)
            yield _Probe(f"{ability} ({question.language})", question.question, path, (question.keyword,))
