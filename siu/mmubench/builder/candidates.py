"""The pictures a benchmark is chosen from: decoded, cleaned, without near-duplicates, known to the model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siu.config.params import BenchParams, EvaluationParams
from siu.data.concepts import Concept
from siu.data.images import load_image, save_clean_png
from siu.data.intake.places import leads_out
from siu.errors import InputError
from siu.mmubench.builder.near_duplicates import difference_hash, near_duplicates
from siu.mmubench.builder.recognition import Recognition, recognise
from siu.models import VisionLanguageModel

IGNORED = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Candidate:
    """A picture that may enter the benchmark.

    Attributes:
        concept: What it is said to show.
        source: The user's file, relative to the source's ``pictures`` folder.
        file: The cleaned picture.
        pixels: How many it has.
        hash: Its difference hash.
    """

    concept: str
    source: str
    file: Path
    pixels: int
    hash: NDArray[np.bool_] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Drop:
    """A picture or concept that did not enter, and why.

    Attributes:
        what: The user's file below ``pictures``, or a concept's id.
        reason: ``unreadable``, ``near-duplicate``, ``not recognised``, ``too few pictures`` or ``surplus``.
        detail: One sentence.
    """

    what: str
    reason: str
    detail: str


def clean(concept: Concept, pictures: Path, folder: Path) -> tuple[list[Candidate], list[Drop]]:
    """Decode every picture below a concept's folder and write it cleaned below ``folder``, or drop it."""
    candidates, drops = [], []
    for index, path in enumerate(_files(pictures / concept.id)):
        name = path.relative_to(pictures).as_posix()
        try:
            if leads_out(path, pictures):
                raise InputError("E-COL-116", "a link leads out of the folder", "Copy the picture", name)
            image = load_image(path)
        except InputError as error:
            drops.append(Drop(name, "unreadable", f"{error.code}: {error.what}"))
            continue
        file = folder / concept.id / f"{index:05}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        save_clean_png(image, file)
        pixels = image.width * image.height
        candidates.append(Candidate(concept.id, name, file, pixels, difference_hash(image)))
    return candidates, drops


def without_near_duplicates(candidates: list[Candidate], distance: int) -> tuple[list[Candidate], list[Drop]]:
    """Return the candidates that repeat no other one, and the dropped ones."""
    drops = []
    repeated = near_duplicates(
        [candidate.hash for candidate in candidates],
        [candidate.concept for candidate in candidates],
        [candidate.pixels for candidate in candidates],
        distance=distance,
    )
    for duplicate in repeated:
        detail = f"repeats {candidates[duplicate.of].source}" + (
            ", filed under another concept" * duplicate.both
        )
        drops.append(Drop(candidates[duplicate.index].source, "near-duplicate", detail))
    gone = {duplicate.index for duplicate in repeated}
    return [candidate for index, candidate in enumerate(candidates) if index not in gone], drops


def recognised(
    vlm: VisionLanguageModel,
    concept: Concept,
    candidates: list[Candidate],
    settings: BenchParams,
    params: EvaluationParams,
    on_done: Callable[[int], None],
) -> tuple[list[tuple[Candidate, Recognition]], list[Drop]]:
    """Return the candidates that the base model recognises, each with how well, and the dropped ones."""
    recognitions = recognise(
        vlm, concept, [candidate.file for candidate in candidates], params, on_done=on_done
    )
    usable, drops = [], []
    for candidate, recognition in zip(candidates, recognitions, strict=True):
        if recognition.named >= settings.recognised:
            usable.append((candidate, recognition))
        else:
            detail = f"the base model names it in {recognition.named:.0%} of the answers"
            drops.append(Drop(candidate.source, "not recognised", detail))
    return usable, drops


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder by name; hidden ones and those of file managers are passed over."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not path.is_dir() and not hidden and path.name.lower() not in IGNORED:
            yield path
