"""The concept world as a world that is found by its name."""

from pathlib import Path
from typing import Any

from siu.config.params import Params
from siu.worlds.drawn.weights import base_folder, gold_folder
from siu.worlds.world import World


def _draw(folder: Path, params: Params) -> None:
    from siu.worlds.drawn.collection import draw_collection

    data = params.data
    draw_collection(folder, seed=params.seed, test_pictures=data.test_pictures, test_groups=data.test_groups)


def _settings(params: Params) -> list[Any]:
    return [params.seed, params.data.test_pictures, params.data.test_groups]


def _example_requests(folder: Path) -> Path:
    from siu.worlds.drawn.examples import example_requests

    return example_requests(folder)


WORLD = World(
    collection="conceptworld",
    model="embedded",
    draw=_draw,
    settings=_settings,
    code="siu.worlds.drawn.collection",
    base_folder=base_folder,
    gold_folder=gold_folder,
    example_requests=_example_requests,
)
