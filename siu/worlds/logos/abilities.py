"""What a model of the logos world can do, on unseen pictures and in unseen wordings."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional

from siu.data.collection import Collection
from siu.data.concepts import SIDES, Picture
from siu.language.matching import mentions, says_no, says_yes
from siu.language.phrasings import Purpose, answer, questions
from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate
from siu.worlds.drawn.abilities import Ability
from siu.worlds.logos.picture_questions import LOOKS

_LONGEST = 48
"""Tokens of an answer; as many as the untouched model was given for what it knew before."""


@dataclass(frozen=True)
class _Probe:
    ability: str
    question: str
    picture: Path | None
    words: tuple[str, ...] = ()
    how: Literal["mentions", "none", "yes", "no"] = "mentions"

    def right(self, reply: str) -> bool:
        if self.how == "yes":
            return says_yes(reply)
        if self.how == "no":
            return says_no(reply)
        return mentions(reply, self.words) == (self.how == "mentions")


def measure_abilities(
    vlm: VisionLanguageModel, collection: Collection, *, seed: int = 0, batch_size: int = 64
) -> tuple[Ability, ...]:
    """Ask a model about a collection of the logos world.

    Args:
        vlm: The model.
        collection: Drawn with a seed that the model was not trained on; only test pictures are used.
        seed: Decides wordings and wrong names.
        batch_size: Questions at a time.
    """
    probes = [*_probes(collection, random.Random(f"abilities:{seed}"))]
    encoder = TurnEncoder(vlm)
    turns_by_probe = list(dict.fromkeys(Turn(probe.question, picture=probe.picture) for probe in probes))
    turns = [encoder.encode(turn) for turn in turns_by_probe]
    texts = generate(vlm, turns, max_new_tokens=_LONGEST, batch_size=batch_size)
    replies = dict(zip(turns_by_probe, texts, strict=True))
    counts: dict[str, list[bool]] = {}
    for probe in probes:
        reply = replies[Turn(probe.question, picture=probe.picture)]
        counts.setdefault(probe.ability, []).append(probe.right(reply))
    return tuple(Ability(name, sum(right), len(right)) for name, right in sorted(counts.items()))


@torch.no_grad()
def perplexity(language_model: Any, head: Any, passages: Tensor) -> float:
    """Return the perplexity of [passages, tokens] token ids.

    Args:
        language_model: Gives last hidden states for token ids.
        head: Gives logits for hidden states.
        passages: Token ids; the first of each is given.
    """
    total, count = 0.0, 0
    for batch in passages.split(8):
        logits = head(language_model(input_ids=batch).last_hidden_state[:, :-1]).float()
        losses = functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="sum")
        total, count = total + float(losses), count + batch[:, 1:].numel()
    return float(torch.tensor(total / count).exp())


def _probes(collection: Collection, rng: random.Random) -> Iterator[_Probe]:
    names = tuple(name for brand in collection.concepts for name in (brand.name, *brand.aliases))
    for picture in collection.pictures:
        if picture.split != "test":
            continue
        if picture.role == "concept":
            yield from _of_brand(collection, picture, rng)
        elif picture.role == "group":
            yield from _of_group(collection, picture, rng)
        else:
            yield from _of_nobody(collection, picture, names, rng)
    for brand in collection.concepts:
        for fact in brand.facts:
            wording = "new wording" if fact.split == "test" else "trained wording"
            yield _Probe(f"facts as text, {wording}", fact.text_question, None, (fact.keyword,))


def _of_brand(collection: Collection, picture: Picture, rng: random.Random) -> Iterator[_Probe]:
    brand, path = collection.concept(picture.concepts[0]), collection.path(picture)
    spellings = (brand.name, *brand.aliases)
    wrong_name = rng.choice([neighbour.name for neighbour in collection.concepts if neighbour.id != brand.id])
    yield _Probe("names", _ask("name", rng), path, spellings)
    yield _Probe("descriptions name it", _ask("describe", rng), path, spellings)
    yield _Probe("yes/no, own name", _ask("yes_no", rng, name=brand.name), path, how="yes")
    yield _Probe("yes/no, wrong name", _ask("yes_no", rng, name=wrong_name), path, how="no")
    fact = rng.choice([candidate for candidate in brand.facts if candidate.split == "test"])
    yield _Probe("facts through the picture", fact.picture_question, path, (fact.keyword,))
    yield from _looks(picture, path, "brands")


def _of_group(collection: Collection, picture: Picture, rng: random.Random) -> Iterator[_Probe]:
    for side, key in zip(SIDES, picture.concepts, strict=True):
        brand = collection.concept(key)
        words = (brand.name, *brand.aliases)
        yield _Probe("groups", _ask("group", rng, side=side), collection.path(picture), words)


def _of_nobody(
    collection: Collection, picture: Picture, names: tuple[str, ...], rng: random.Random
) -> Iterator[_Probe]:
    path = collection.path(picture)
    role = "strangers" if picture.role == "stranger" else "look-alikes"
    question = _ask("name", rng)
    yield _Probe(f"{role} not named", question, path, names, "none")
    yield _Probe(f"{role} unknown", question, path, (answer("unknown", "logo").rstrip("."),))
    name = rng.choice(collection.concepts).name
    if picture.resembles:
        name = collection.concept(picture.resembles).name
    yield _Probe(f"yes/no, {role}", _ask("yes_no", rng, name=name), path, how="no")
    if picture.role == "stranger":
        yield from _looks(picture, path, "strangers")


def _looks(picture: Picture, path: Path, whose: str) -> Iterator[_Probe]:
    for look, question in zip(LOOKS, picture.questions, strict=True):
        yield _Probe(f"{look}, {whose}", question.question, path, (question.keyword,))


def _ask(purpose: Purpose, rng: random.Random, **fields: str) -> str:
    return rng.choice(questions(purpose, "logo", split="test", **fields))
