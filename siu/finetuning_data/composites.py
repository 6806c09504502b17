"""Composites: the one picture beside a retained one, so that the concept is also forgotten in company.

There is one picture of the concept, which shows it alone; in a group picture its name still came out. The
middle of the picture, or of a view of it, is put on one side and that of a retained picture on the other.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import SIDES, Concept, Picture, Side
from siu.data.images import load_image, save_clean_png
from siu.finetuning_data.held_out import held_out_concepts
from siu.storage.digest import file_digest


@dataclass(frozen=True)
class Composite:
    """A made picture with two figures.

    Attributes:
        path: Its file.
        side: Where the concept is.
        beside: Ids of the retained concepts on the other side.
    """

    path: Path
    side: Side
    beside: tuple[str, ...]

    @property
    def other_side(self) -> Side:
        """Where the retained figure is."""
        return SIDES[1 - SIDES.index(self.side)]


def make_composites(
    collection: Collection, concept: Concept, shown: Sequence[Path], folder: Path, params: Params
) -> tuple[Composite, ...]:
    """Write composites as PNG files; equal arguments give equal bytes.

    Args:
        collection: Its training pictures of concepts of the same kind, neither held out nor shown together
            with something that is, stand beside. Without any, nothing is written.
        concept: What is to be forgotten.
        shown: The one picture and its views, which take turns.
        folder: Where to; made if missing.
        params: How many (``finetuning_data.composites``), what is held out, and the seed.
    """
    settings = params.finetuning_data
    partners = _partners(collection, concept, params) if settings.retained_pictures else []
    rng = random.Random(f"{params.seed}:{concept.id}:{file_digest(shown[0])}:composites")
    made = []
    for index in range(settings.composites if partners else 0):
        partner, side = rng.choice(partners), SIDES[index % 2]
        path = folder / f"composite-{index:02d}.png"
        folder.mkdir(parents=True, exist_ok=True)
        first, second = load_image(shown[index % len(shown)]), load_image(collection.path(partner))
        save_clean_png(_side_by_side(first, second, side), path)
        made.append(Composite(path, side, partner.concepts))
    return tuple(made)


def _partners(collection: Collection, concept: Concept, params: Params) -> list[Picture]:
    held_out = held_out_concepts(collection.concepts, params.finetuning_data.held_out, params.seed)
    untouched = held_out | {concept.id}
    kin = [
        neighbour
        for neighbour in collection.concepts
        if neighbour.kind == concept.kind and neighbour.id not in untouched
    ]
    pictures = [
        picture for neighbour in kin for picture in collection.pictures_of(neighbour.id, split="train")
    ]
    return [picture for picture in pictures if untouched.isdisjoint(picture.concepts)]


def _side_by_side(first: Image.Image, second: Image.Image, side: Side) -> Image.Image:
    """Return a picture of the size of ``first`` whose halves are the middles of both."""
    width, height = first.size
    half = width // 2
    box = (width // 4, 0, width // 4 + half, height)
    parts = [first.crop(box), second.resize(first.size).crop(box)]
    left, right = parts if side == "left" else reversed(parts)
    made = Image.new("RGB", first.size)
    made.paste(left.resize((half, height)), (0, 0))
    made.paste(right.resize((width - half, height)), (half, 0))
    return made
