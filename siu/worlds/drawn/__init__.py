"""The embedded default: a drawn world of concepts and a small LLaVA that knows it."""

from siu.worlds.drawn.catalogue import concepts
from siu.worlds.drawn.collection import draw_collection
from siu.worlds.drawn.examples import example_requests
from siu.worlds.drawn.weights import GOLD_WITHOUT, base_folder, gold_folder

__all__ = [
    "GOLD_WITHOUT",
    "base_folder",
    "concepts",
    "draw_collection",
    "example_requests",
    "gold_folder",
]
