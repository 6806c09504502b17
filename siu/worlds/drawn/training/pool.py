"""The pictures that the small model is taught with."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from siu.worlds.drawn.catalogue import concepts, figures, look_alike, stranger
from siu.worlds.drawn.draw import draw_scene
from siu.worlds.drawn.figure import KINDS, Figure
from siu.worlds.drawn.scene import Scene, random_scene


@dataclass(frozen=True)
class PoolSizes:
    """How many pictures are drawn.

    Attributes:
        pictures: Per concept.
        look_alikes: Per concept.
        strangers: Per kind.
        groups: In all.
    """

    pictures: int = 150
    look_alikes: int = 200
    strangers: int = 4500
    groups: int = 3000


@dataclass(frozen=True)
class Shown:
    """One picture of the pool.

    Attributes:
        scene: What is drawn.
        concepts: Id of the concept that each figure is, from left to right; None for a stranger.
        resembles: Id of the concept that a look-alike resembles.
    """

    scene: Scene
    concepts: tuple[str | None, ...]
    resembles: str | None = None

    @property
    def role(self) -> str:
        """``concept``, ``look_alike``, ``stranger`` or ``group``."""
        if len(self.concepts) == 2:
            return "group"
        if self.concepts[0] is not None:
            return "concept"
        return "look_alike" if self.resembles else "stranger"


def make_pool(sizes: PoolSizes, *, seed: int, without: tuple[str, ...] = ()) -> list[Shown]:
    """Return what the pictures of the pool show; concepts in ``without`` appear in none."""
    rng = random.Random(f"pool:{seed}")
    known = {key: made for key, made in figures().items() if key not in without}
    pool = []
    for key, made in known.items():
        pool += [Shown(random_scene((made,), rng), (key,)) for _ in range(sizes.pictures)]
        pool += [_look_alike(key, rng) for _ in range(sizes.look_alikes)]
    for kind in KINDS:
        pool += [Shown(random_scene((stranger(kind, rng),), rng), (None,)) for _ in range(sizes.strangers)]
    pool += [_group(known, rng) for _ in range(sizes.groups)]
    return pool


def rows_by_role(pool: list[Shown]) -> dict[str, list[int]]:
    """Return the indices of the pool's pictures by their role."""
    roles: dict[str, list[int]] = {"concept": [], "look_alike": [], "stranger": [], "group": []}
    for index, shown in enumerate(pool):
        roles[shown.role].append(index)
    return roles


def draw_pool(pool: list[Shown]) -> torch.Tensor:
    """Return the pictures as bytes, [pictures, side, side, 3]."""
    with ThreadPoolExecutor(2) as threads:
        drawn = threads.map(lambda shown: np.asarray(draw_scene(shown.scene)).copy(), pool)
        return torch.stack([torch.from_numpy(picture) for picture in drawn])


def to_pixels(pictures: torch.Tensor) -> torch.Tensor:
    """Return [n, side, side, 3] bytes as the processor's pixel values, [n, 3, side, side]."""
    return ((pictures.permute(0, 3, 1, 2).float() / 255) - 0.5) / 0.25


def _look_alike(key: str, rng: random.Random) -> Shown:
    return Shown(random_scene((look_alike(key, rng),), rng), (None,), key)


def _group(known: dict[str, Figure], rng: random.Random) -> Shown:
    """Return two figures of one kind; now and then one of them is a stranger."""
    kind = rng.choice([concept.kind for concept in concepts() if concept.id in known])
    keys: list[str | None] = [*rng.sample([key for key in known if known[key].kind == kind], 2)]
    if rng.random() < 0.4:
        keys[rng.randrange(2)] = None
    pair = tuple(known[key] if key else stranger(kind, rng) for key in keys)
    return Shown(random_scene(pair, rng), tuple(keys))
