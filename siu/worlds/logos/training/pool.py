"""The pictures that a model is taught with: far more than a collection holds, drawn once and kept."""

import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from siu.data.concepts import Role
from siu.worlds.logos.catalogue import brands, icons, look_alike, strangers
from siu.worlds.logos.draw import PICTURE_SIDE, draw_scene
from siu.worlds.logos.scene import Mark, Scene, random_scene


@dataclass(frozen=True)
class PoolSizes:
    """How many pictures are drawn.

    Attributes:
        brand: Per brand.
        look_alike: Per brand.
        stranger: Of all strangers together.
        group: Of two logos, each a brand's three times in four.
    """

    brand: int = 110
    look_alike: int = 25
    stranger: int = 3300
    group: int = 1400


@dataclass(frozen=True)
class Shown:
    """A picture of the pool.

    Attributes:
        scene: What is drawn.
        role: What the picture is for.
        concepts: The brand's id of each logo; None for nobody's.
        resembles: Id of the brand that a look-alike resembles.
    """

    scene: Scene
    role: Role
    concepts: tuple[str | None, ...]
    resembles: str | None = None


def make_pool(sizes: PoolSizes, *, seed: int, without: tuple[str, ...] = ()) -> tuple[Shown, ...]:
    """Return the scenes of a pool.

    Args:
        sizes: How many of each role.
        seed: Decides everything; collections use other streams and never share a scene with a pool.
        without: Ids of brands that no picture shows, nor a look-alike of them.
    """
    rng = random.Random(f"logos-pool:{seed}")
    brand_icons = {brand.id: icons()[brand.id] for brand in brands()}
    shown = []
    for key, icon in brand_icons.items():
        if key in without:
            continue
        for _ in range(sizes.brand):
            shown.append(Shown(random_scene((Mark(icon),), rng), "concept", (key,)))
        for _ in range(sizes.look_alike):
            scene = random_scene((look_alike(key, "train", rng),), rng)
            shown.append(Shown(scene, "look_alike", (None,), key))
    stranger_icons = strangers("train")
    for index in range(sizes.stranger):
        mark = Mark(
            stranger_icons[index % len(stranger_icons)]
            if index < len(stranger_icons)
            else rng.choice(stranger_icons)
        )
        shown.append(Shown(random_scene((mark,), rng), "stranger", (None,)))
    known = [key for key in brand_icons if key not in without]
    for _ in range(sizes.group):
        keys = [rng.choice(known) if rng.random() < 0.75 else None for _ in range(2)]
        marks = tuple(Mark(brand_icons[key] if key else rng.choice(stranger_icons)) for key in keys)
        shown.append(Shown(random_scene(marks, rng), "group", tuple(keys)))
    rng.shuffle(shown)
    return tuple(shown)


def draw_pool(pool: tuple[Shown, ...], file: Path, *, processes: int = 1) -> np.ndarray:
    """Draw a pool's pictures into a file, or read the file if it is there.

    Returns:
        A read-only map of [pictures, side, side, 3] bytes.
    """
    if not file.is_file():
        partial = file.with_suffix(".partial.npy")
        shape = (len(pool), PICTURE_SIDE, PICTURE_SIDE, 3)
        drawn = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
        scenes = [shown.scene for shown in pool]
        if processes == 1:
            for index, scene in enumerate(scenes):
                drawn[index] = _pixels(scene)
        else:
            with ProcessPoolExecutor(processes, get_context("spawn")) as workers:
                for index, pixels in enumerate(workers.map(_pixels, scenes, chunksize=64)):
                    drawn[index] = pixels
        drawn.flush()
        partial.replace(file)
    pictures: np.ndarray = np.load(file, mmap_mode="r")
    return pictures


def _pixels(scene: Scene) -> np.ndarray:
    return np.asarray(draw_scene(scene))
