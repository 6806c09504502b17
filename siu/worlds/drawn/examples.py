"""Example requests: three concepts of the drawn world with one picture each."""

import random
from pathlib import Path
from typing import Any

from siu.worlds.drawn.catalogue import concepts, figures
from siu.worlds.drawn.draw import draw_scene
from siu.worlds.drawn.scene import random_scene
from siu.worlds.requests import write_requests

REQUESTED = ("c02", "c11", "c21")
"""Concepts that the examples ask to forget."""


def example_requests(folder: Path) -> Path:
    """Write ``requests.csv`` and its pictures for a person, a creature and a logo; return the table's path.

    Args:
        folder: Where to; made if missing.
    """
    return write_requests(folder, concepts(), REQUESTED, _draw)


def _draw(concept_id: str, rng: random.Random) -> Any:
    return draw_scene(random_scene((figures()[concept_id],), rng))
