"""Creatures: a body of some form with ears, eyes and a pattern."""

import random

from PIL import Image, ImageDraw

from siu.worlds.drawn.drawing.canvas import SIDE, Point, ellipse, patterned, polygon
from siu.worlds.drawn.palette import OBJECT_COLOURS, OUTLINE, RGB

_EYES = {"one": ((80, 80),), "two": ((60, 82), (100, 82)), "three": ((52, 88), (80, 72), (108, 88))}
_TRIANGLE: list[Point] = [(80, 34), (140, 150), (20, 150)]


def draw_creature(looks: dict[str, str], rng: random.Random) -> Image.Image:
    """Return a creature on a transparent square; its feet and gaze vary with ``rng``."""
    layer = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(layer)
    body = OBJECT_COLOURS[looks["body"]]
    _ears(draw, looks["ears"], body)
    step = rng.randint(-4, 4)
    for x in (58 + step, 102 + step):
        ellipse(draw, (x, 150), (13, 7), body)
    _form(draw, looks["form"], body)
    mask = Image.new("L", layer.size)
    _form(ImageDraw.Draw(mask), looks["form"], 255)
    patterned(layer, mask, looks["body"], looks["pattern"], top=108)
    _eyes(draw, looks["eyes"], rng)
    return layer


def _form(draw: ImageDraw.ImageDraw, form: str, fill: RGB | int) -> None:
    edge = OUTLINE if isinstance(fill, tuple) else None
    if form == "round":
        draw.ellipse((26, 46, 134, 150), fill=fill, outline=edge, width=3)
    elif form == "square":
        draw.rectangle((30, 48, 130, 148), fill=fill, outline=edge, width=3)
    elif isinstance(fill, tuple):
        polygon(draw, _TRIANGLE, fill)
    else:
        draw.polygon(_TRIANGLE, fill=fill)


def _ears(draw: ImageDraw.ImageDraw, ears: str, body: RGB) -> None:
    for side in (-1, 1):
        x = 80 + 34 * side
        if ears == "round":
            ellipse(draw, (x, 44), (18, 18), body)
        elif ears == "pointed":
            polygon(draw, [(x - 17, 72), (x + 17 * side, 16), (x + 17, 72)], body)
        elif ears == "long":
            draw.rounded_rectangle((x - 9, 2, x + 9, 84), radius=9, fill=body, outline=OUTLINE, width=3)
        else:
            draw.arc(
                (x - 26, 4, x + 26, 74),
                100 if side > 0 else 300,
                240 if side > 0 else 80,
                fill=(235, 215, 170),
                width=11,
            )


def _eyes(draw: ImageDraw.ImageDraw, eyes: str, rng: random.Random) -> None:
    gaze = rng.randint(-3, 3)
    radius = {"one": 23, "two": 15, "three": 12}[eyes]
    for x, y in _EYES[eyes]:
        ellipse(draw, (x, y), (radius, radius), (255, 255, 255))
        ellipse(draw, (x + gaze, y), (radius / 2.6, radius / 2.6), (20, 20, 20))
