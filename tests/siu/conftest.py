"""Small pictures and tables that the tests of `siu` share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.siu.small_world import collection, data, encoder, paths, picture, pictures, vlm

__all__ = ["collection", "data", "draw", "encoder", "paths", "picture", "pictures", "vlm"]

Draw = Callable[..., Path]


@pytest.fixture
def draw() -> Draw:
    """Write a small two-coloured picture; equal arguments give equal pixels."""

    def write(path: Path, shade: int = 0, size: tuple[int, int] = (16, 16), **options: object) -> Path:
        image = Image.new("RGB", size, (shade % 256, 80, 160))
        image.putpixel((0, 0), (255, 255, shade // 256))
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, **options)
        return path

    return write
