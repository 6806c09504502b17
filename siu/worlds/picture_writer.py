"""How a world writes the pictures of its collection."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PIL import Image

from siu.data.concepts import Kind, Picture, PictureQuestion, Role, Split
from siu.data.images import save_clean_png
from siu.storage.digest import file_digest

S = TypeVar("S")


@dataclass(frozen=True)
class Depiction(Generic[S]):
    """What a world makes of one of its scenes.

    Attributes:
        world: The world's name: worlds of one seed draw different things.
        draw: Draws it.
        kind: Returns the kind of what is in it.
        questions: Returns some questions about it, in wordings of a split.
    """

    world: str
    draw: Callable[[S], Image.Image]
    kind: Callable[[S], Kind]
    questions: Callable[[S, Split, random.Random], tuple[PictureQuestion, ...]]


class PictureWriter(Generic[S]):
    """Writes picture files under names that tell nothing and keeps their records.

    Args:
        folder: The collection's folder; ``pictures`` is made in it.
        seed: Decides every picture.
        depiction: What is made of a scene.

    Attributes:
        pictures: The records so far.
    """

    def __init__(self, folder: Path, seed: int, depiction: Depiction[S]) -> None:
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        self._folder, self._seed, self._depiction = folder, seed, depiction
        self.pictures: list[Picture] = []

    def rng(self, *place: object) -> random.Random:
        """Return a generator that depends on the world, the seed and a place only."""
        return random.Random(":".join(map(str, (self._depiction.world, self._seed, *place))))

    def add(
        self,
        scene: S,
        role: Role,
        split: Split,
        rng: random.Random,
        shown: tuple[str, ...] = (),
        resembles: str | None = None,
    ) -> None:
        """Draw a scene and keep its record; group pictures have no questions."""
        name = f"pictures/p{len(self.pictures):05d}.png"
        path = self._folder / name
        save_clean_png(self._depiction.draw(scene), path)
        questions = self._depiction.questions(scene, split, rng) if role != "group" else ()
        kind = self._depiction.kind(scene)
        self.pictures.append(Picture(name, file_digest(path), role, split, kind, shown, resembles, questions))
