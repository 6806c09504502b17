"""Example requests: two brands of the logos world with one picture each."""

import random
from pathlib import Path
from typing import Any

from siu.worlds.logos.catalogue import brands, icons
from siu.worlds.logos.draw import draw_scene
from siu.worlds.logos.scene import Mark, random_scene
from siu.worlds.requests import write_requests

REQUESTED = ("b07", "b41")
"""Brands that the examples ask to forget."""


def example_requests(folder: Path) -> Path:
    """Write ``requests.csv`` and its pictures for two brands; return the table's path.

    Args:
        folder: Where to; made if missing.
    """
    return write_requests(folder, brands(), REQUESTED, _draw)


def _draw(brand_id: str, rng: random.Random) -> Any:
    return draw_scene(random_scene((Mark(icons()[brand_id]),), rng))
