"""The embedded default: a drawn world of concepts and a small LLaVA that knows it."""

from siu.conceptworld.catalogue import concepts
from siu.conceptworld.collection import draw_collection
from siu.conceptworld.examples import example_requests
from siu.conceptworld.weights import GOLD_WITHOUT, base_folder, gold_folder

__all__ = [
    "GOLD_WITHOUT",
    "base_folder",
    "concepts",
    "draw_collection",
    "example_requests",
    "gold_folder",
]
