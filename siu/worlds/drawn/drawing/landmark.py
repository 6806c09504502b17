"""Landmarks: a building with a roof and something on its top."""

import random

from PIL import Image, ImageDraw

from siu.worlds.drawn.drawing.canvas import LINE, SIDE, Point, ellipse, polygon, star
from siu.worlds.drawn.palette import OBJECT_COLOURS, ORNAMENTS, OUTLINE, RGB

_DARK: RGB = (50, 40, 40)


def draw_landmark(looks: dict[str, str], rng: random.Random) -> Image.Image:
    """Return a landmark on a transparent square; its windows vary with ``rng``."""
    layer = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(layer)
    wall, roof = OBJECT_COLOURS[looks["wall"]], OBJECT_COLOURS[looks["roof"]]
    _top(draw, looks["top"])
    _BUILDINGS[looks["building"]](draw, wall, roof)
    if looks["building"] != "arch":
        door = 80 + rng.randint(-6, 6)
        draw.rectangle((door - 8, 130, door + 8, 154), fill=_DARK, outline=OUTLINE, width=LINE)
    return layer


def _tower(draw: ImageDraw.ImageDraw, wall: RGB, roof: RGB) -> None:
    draw.rectangle((54, 80, 106, 154), fill=wall, outline=OUTLINE, width=LINE)
    polygon(draw, [(44, 82), (80, 34), (116, 82)], roof)


def _dome(draw: ImageDraw.ImageDraw, wall: RGB, roof: RGB) -> None:
    draw.rectangle((24, 96, 136, 154), fill=wall, outline=OUTLINE, width=LINE)
    draw.pieslice((30, 38, 130, 156), 180, 360, fill=roof, outline=OUTLINE, width=LINE)


def _arch(draw: ImageDraw.ImageDraw, wall: RGB, roof: RGB) -> None:
    for left, right in ((22, 56), (104, 138)):
        draw.rectangle((left, 70, right, 154), fill=wall, outline=OUTLINE, width=LINE)
    draw.rectangle((16, 38, 144, 72), fill=roof, outline=OUTLINE, width=LINE)


def _pyramid(draw: ImageDraw.ImageDraw, wall: RGB, roof: RGB) -> None:
    polygon(draw, [(80, 36), (146, 154), (14, 154)], wall)
    polygon(draw, [(80, 36), (112, 94), (48, 94)], roof)


_BUILDINGS = {"tower": _tower, "dome": _dome, "arch": _arch, "pyramid": _pyramid}


def _top(draw: ImageDraw.ImageDraw, top: str) -> None:
    centre: Point = (80, 20)
    if top == "flag":
        draw.line((80, 0, 80, 44), fill=OUTLINE, width=5)
        draw.rectangle((80, 1, 128, 28), fill=ORNAMENTS[top], outline=OUTLINE, width=LINE)
    elif top == "star":
        star(draw, centre, 26, ORNAMENTS[top])
    elif top == "ball":
        ellipse(draw, centre, (19, 19), ORNAMENTS[top])
