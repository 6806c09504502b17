"""One question of another unlearning benchmark, and what such a benchmark measures."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from siu.data.images import load_image, save_clean_png
from siu.mmubench.builder.importers.schema import odd_row

Part = Literal["forget", "retain", "test", "real"]
Forget = Literal["visual+text", "visual"]
"""What has to be gone: a fact both ways, or through the picture only while it stays as text."""


@dataclass(frozen=True)
class SetQuestion:
    """One question.

    Attributes:
        part: Which part of the set it belongs to.
        task: The set's own word for the kind of question, or its task's letter.
        fact: What the wordings of one fact share.
        prompt: What the model is asked.
        answer: The published answer.
        picture: The picture shown, if any.
        options: What there is to choose from.
        question: The bare question.
        subject: What is asked about, where the rule needs it.
    """

    part: Part
    task: str
    fact: str
    prompt: str
    answer: str
    picture: Path | None
    options: tuple[str, ...] = ()
    question: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Measured:
    """What a rule gave.

    Attributes:
        name: Task and measure in the set's own words, with the arrow of the better direction.
        value: From 0 to 1; None where it was not measured.
        facts: Over how many facts, or questions where they don't come in pairs.
    """

    name: str
    value: float | None
    facts: int


def mean(name: str, points: Iterable[float]) -> Measured:
    """Return the mean of points from 0 to 1; not measured without any."""
    listed = list(points)
    return Measured(name, sum(listed) / len(listed) if listed else None, len(listed))


def shelved(data: bytes | None, work: Path, place: str) -> Path:
    """Return the file of a picture, opened with suspicion and saved anew; equal ones share it.

    Raises:
        InputError: ``E-BEN-006`` the picture isn't there; ``E-IMG-…`` it can't be used.
    """
    if data is None:
        raise odd_row("image: the picture is not there", place)
    path = work / f"{hashlib.sha256(data).hexdigest()}.png"
    if not path.is_file():
        raw = work / "raw"
        raw.write_bytes(data)
        save_clean_png(load_image(raw), path)
    return path
