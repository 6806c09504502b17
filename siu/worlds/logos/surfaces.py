"""Surfaces behind the logos: brick, grass, wood, metal and cloth, drawn from a seeded generator."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


def surface(kind: str, side: int, rng: np.random.Generator) -> Pixels:
    """Return a (side, side, 3) picture of a surface, values 0 to 255.

    Args:
        kind: One of `siu.worlds.logos.scene.SURFACES`.
        side: Side in pixels.
        rng: Decides position, scale, tint and grain.
    """
    tint = rng.uniform(0.85, 1.15, 3).astype(np.float32)
    pixels: Pixels = np.clip(_KINDS[kind](side, rng) * tint * np.float32(rng.uniform(0.8, 1.1)), 0, 255)
    return pixels


def _brick(side: int, rng: np.random.Generator) -> Pixels:
    height = int(rng.integers(side // 9, side // 5))
    width = int(height * rng.uniform(1.8, 2.6))
    y, x = np.mgrid[0:side, 0:side] + rng.integers(0, width, 2)[:, None, None]
    row = y // height
    shifted = x + (row % 2) * (width // 2)
    mortar = (y % height < 3) | (shifted % width < 3)
    shade = rng.uniform(0.7, 1.15, (64, 64)).astype(np.float32)[row % 64, (shifted // width) % 64]
    colour = np.array([160, 72, 52], np.float32) * shade[..., None] + _grain(side, 12, rng)
    return np.where(mortar[..., None], np.float32(178), colour)


def _grass(side: int, rng: np.random.Generator) -> Pixels:
    blades = _smooth(rng.random((side, side), np.float32), (7, 1))
    coarse = _smooth(rng.random((side, side), np.float32), (25, 25))
    light = (blades - blades.mean()) * 2.2 + (coarse - coarse.mean()) * 4
    pixels: Pixels = np.array([72, 128, 44], np.float32) * (1 + light[..., None]) + _grain(side, 10, rng)
    return pixels


def _wood(side: int, rng: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    bend = _smooth(rng.random((side, side), np.float32), (31, 31))
    rings = np.sin(y * rng.uniform(0.25, 0.5) + (bend - bend.mean()) * 90 + x * rng.uniform(-0.05, 0.05))
    plank = side // int(rng.integers(2, 5))
    gap = (y % plank) < 2
    colour = np.array([170, 120, 70], np.float32) * (1 + 0.14 * rings[..., None]) + _grain(side, 7, rng)
    return np.where(gap[..., None], np.float32(50), colour)


def _metal(side: int, rng: np.random.Generator) -> Pixels:
    brushed = _smooth(rng.random((side, side), np.float32), (1, 41))
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    sheen = np.cos((x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)) * 5 + rng.uniform(0, 6))
    light = (brushed - brushed.mean()) * 2 + 0.18 * sheen
    pixels: Pixels = np.array([150, 156, 164], np.float32) * (1 + light[..., None]) + _grain(side, 4, rng)
    return pixels


def _cloth(side: int, rng: np.random.Generator) -> Pixels:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    step = rng.uniform(0.9, 1.5)
    weave = np.sin(x * step) * np.sin(y * step)
    folds = np.sin((x * rng.uniform(-0.06, 0.06) + y * rng.uniform(-0.06, 0.06)) + rng.uniform(0, 6))
    base = np.array(_CLOTHS[int(rng.integers(len(_CLOTHS)))], np.float32)
    pixels: Pixels = base * (1 + 0.12 * weave + 0.16 * folds)[..., None] + _grain(side, 6, rng)
    return pixels


_CLOTHS = ((196, 178, 150), (150, 160, 180), (186, 150, 156), (158, 172, 150))
_KINDS: dict[str, Callable[[int, np.random.Generator], Pixels]] = {
    "brick": _brick,
    "grass": _grass,
    "wood": _wood,
    "metal": _metal,
    "cloth": _cloth,
}


def _grain(side: int, strength: float, rng: np.random.Generator) -> Pixels:
    grain: Pixels = rng.standard_normal((side, side, 1), np.float32) * np.float32(strength)
    return grain


def _smooth(field: Pixels, sizes: tuple[int, int]) -> Pixels:
    """Return running means of a field along both axes; it wraps around at the edges."""
    for axis, size in enumerate(sizes):
        if size > 1:
            padded = np.concatenate([field, np.take(field, range(size), axis)], axis)
            total = np.cumsum(padded - 0.5, axis, dtype=np.float32)
            length = field.shape[axis]
            ahead = np.take(total, range(size, size + length), axis)
            field = (ahead - np.take(total, range(length), axis)) / np.float32(size)
    return field
