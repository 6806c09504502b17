"""One question of a public set, and what a set is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.errors import InputError
from siu.mmubench.ratios import Score, scores_interval
from siu.statistics.shares import Interval

SHORT = "Answer the question using a single word or phrase."
LETTER = "Answer with the option's letter from the given choices directly."
"""The prompts that LLaVA-1.5 is evaluated with (arXiv 2310.03744, appendix A)."""


@dataclass(frozen=True)
class Item:
    """One question.

    Attributes:
        id: Unique in its set.
        picture: The picture file shown.
        prompt: What the model is asked.
        answers: The right answers; what they mean is the set's own rule.
        group: What is scored as a whole: a category, or the rotations of one question.
        question: The bare question, where the rule needs it.
    """

    id: str
    picture: Path
    prompt: str
    answers: tuple[str, ...]
    group: str = ""
    question: str = ""


@dataclass(frozen=True)
class Result:
    """What a set measured.

    Attributes:
        value: By the set's published rule, from 0 to 1.
        questions: How many questions were asked.
        interval: Its 95 % interval over pictures; None where the value is no mean.
    """

    value: float
    questions: int
    interval: Interval | None = None


@dataclass(frozen=True)
class PublicSet:
    """A public set.

    Attributes:
        name: Folder name and word on the command line.
        read: Yields the items of the set's folder; the second folder takes pictures that come in tables.
        score: Scores the answers to all items.
    """

    name: str
    read: Callable[[Path, Path], Iterator[Item]]
    score: Callable[[Sequence[Item], Sequence[str]], Result]


def mean(items: Sequence[Item], points: Sequence[float]) -> Result:
    """Return the mean of one number per item, from 0 to 1."""
    scores = [Score(str(item.picture), value) for item, value in zip(items, points, strict=True)]
    return Result(sum(points) / len(points), len(points), scores_interval(scores))


def first_file(folder: Path, *patterns: str) -> Path:
    """Return the first file, by name, that fits the first pattern with any.

    Raises:
        InputError: ``E-PUB-001`` no file fits.
    """
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            return path
    raise InputError(
        "E-PUB-001", f"there is no {' or '.join(patterns)}", "Put the set's published files here", str(folder)
    )


def find_picture(folder: Path, name: str) -> Path:
    """Return a picture of a set: in its folder or in a folder inside it.

    Raises:
        InputError: ``E-PUB-002`` it is not there.
    """
    if Path(name).name != name:
        raise InputError("E-PUB-002", f"{name!r} is no file name", "Fetch the set again", str(folder))
    for place in _places(folder):
        if (place / name).is_file():
            return place / name
    raise InputError(
        "E-PUB-002", f"the picture {name} is missing", "Unpack the set's pictures here", str(folder)
    )


def _places(folder: Path) -> Iterator[Path]:
    yield folder
    yield from sorted(entry for entry in folder.iterdir() if entry.is_dir())  # slow among many pictures
