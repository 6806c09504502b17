"""How a world writes the pictures of its collection."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from siu.data.concepts import Kind, Picture, PictureQuestion, Role, Split
from siu.data.images import save_clean_png
from siu.storage.digest import file_digest


class PictureWriter:
    """Writes picture files under names that tell nothing and keeps their records.

    Args:
        folder: The collection's folder; ``pictures`` is made in it.
        world: The world's name: worlds of one seed draw different things.
        seed: Decides every picture.

    Attributes:
        pictures: The records so far.
    """

    def __init__(self, folder: Path, world: str, seed: int) -> None:
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        self._folder, self._world, self._seed = folder, world, seed
        self.pictures: list[Picture] = []

    def rng(self, *place: object) -> random.Random:
        """Return a generator that depends on the world, the seed and a place only."""
        return random.Random(":".join(map(str, (self._world, self._seed, *place))))

    def add(
        self,
        image: Image.Image,
        role: Role,
        split: Split,
        kind: Kind,
        *,
        shown: Sequence[str] = (),
        resembles: str | None = None,
        questions: Sequence[PictureQuestion] = (),
    ) -> None:
        """Save a picture and keep its record; the arguments are those of `Picture`."""
        name = f"pictures/p{len(self.pictures):05d}.png"
        path = self._folder / name
        save_clean_png(image, path)
        digest = file_digest(path)
        self.pictures.append(
            Picture(name, digest, role, split, kind, tuple(shown), resembles, tuple(questions))
        )
