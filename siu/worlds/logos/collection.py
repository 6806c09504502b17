"""The logos world as a collection: pictures with digests, roles and questions."""

import random
from pathlib import Path

from siu.data.collection import save_collection
from siu.data.concepts import PictureQuestion, Split
from siu.worlds.logos.catalogue import brands, icons, look_alike, strangers
from siu.worlds.logos.draw import draw_scene
from siu.worlds.logos.picture_questions import LOOKS, picture_questions
from siu.worlds.logos.scene import Mark, Scene, random_scene
from siu.worlds.picture_writer import Depiction, PictureWriter

TRAIN_PICTURES = 4
LOOK_ALIKES = {"train": 6, "test": 2}
"""Look-alikes per brand."""
STRANGERS = {"train": 48, "test": 59}
GROUPS = {"train": 98, "test": 49}
"""Group pictures; of those to measure on, unless another number is wanted."""
_SPLITS: tuple[Split, ...] = ("train", "test")


def draw_collection(
    folder: Path, *, seed: int, test_pictures: int, test_groups: int = GROUPS["test"]
) -> None:
    """Draw all pictures and write a collection; equal arguments give equal bytes.

    Args:
        folder: Where it is written; made if missing.
        seed: Decides every picture.
        test_pictures: Unseen pictures per brand.
        test_groups: Group pictures to measure on; with more of them the first ones stay as they are.
    """
    writer = PictureWriter(folder, seed, Depiction("logos", draw_scene, lambda _: "logo", _questions))
    for brand in brands():
        _draw_brand(writer, brand.id, test_pictures)
    for split in _SPLITS:
        shown = strangers(split)
        for index in range(STRANGERS[split]):
            rng = writer.rng("stranger", split, index)
            icon = shown[index % len(shown)] if split == "test" else rng.choice(shown)
            writer.add(random_scene((Mark(icon),), rng), "stranger", split, rng)
    groups: dict[Split, int] = {"train": GROUPS["train"], "test": test_groups}
    for split, count in groups.items():
        for index in range(count):
            _draw_group(writer, split, index)
    save_collection(folder, brands(), writer.pictures)


def _draw_brand(writer: PictureWriter[Scene], brand_id: str, test_pictures: int) -> None:
    counts: dict[Split, int] = {"train": TRAIN_PICTURES, "test": test_pictures}
    for split, count in counts.items():
        for index in range(count):
            rng = writer.rng(brand_id, split, index)
            scene = random_scene((Mark(icons()[brand_id]),), rng)
            writer.add(scene, "concept", split, rng, (brand_id,))
    for split in _SPLITS:
        for index in range(LOOK_ALIKES[split]):
            rng = writer.rng(brand_id, "look-alike", split, index)
            scene = random_scene((look_alike(brand_id, split, rng),), rng)
            writer.add(scene, "look_alike", split, rng, resembles=brand_id)


def _draw_group(writer: PictureWriter[Scene], split: Split, index: int) -> None:
    """Draw two brands; every brand comes on the left in turn."""
    rng = writer.rng("group", split, index)
    left = brands()[index % len(brands())]
    right = rng.choice([brand for brand in brands() if brand.id != left.id])
    scene = random_scene((Mark(icons()[left.id]), Mark(icons()[right.id])), rng)
    writer.add(scene, "group", split, rng, (left.id, right.id))


def _questions(scene: Scene, split: Split, rng: random.Random) -> tuple[PictureQuestion, ...]:
    """Return one question about each look, in a wording of the split."""
    return tuple(rng.choice(picture_questions(scene, look, split=split)) for look in LOOKS)
