"""The logos world as a world that is found by its name (docs/explanation/worlds-logos.md)."""

from pathlib import Path
from typing import Any

from siu.config.params import Params
from siu.worlds import LOGOS
from siu.worlds.world import World


def _draw(folder: Path, params: Params) -> None:
    from siu.worlds.logos.collection import draw_collection

    data = params.data
    draw_collection(folder, seed=params.seed, test_pictures=data.test_pictures, test_groups=data.test_groups)


def _settings(params: Params) -> list[Any]:
    return [params.seed, params.data.test_pictures, params.data.test_groups]


def _model() -> Path:
    from siu.worlds.logos.assemble import cached_model

    return cached_model()


def _example_requests(folder: Path) -> Path:
    from siu.worlds.logos.examples import example_requests

    return example_requests(folder)


WORLD = World(
    collection=LOGOS,
    model=LOGOS,
    draw=_draw,
    settings=_settings,
    code="siu.worlds.logos.collection",
    base_folder=_model,
    example_requests=_example_requests,
    preset=LOGOS,
)
