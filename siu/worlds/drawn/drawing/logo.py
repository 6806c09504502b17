"""Logos: a symbol on a field of some shape, with or without a border."""

import random

from PIL import Image, ImageDraw

from siu.worlds.drawn.drawing.canvas import SIDE, Point, star
from siu.worlds.drawn.palette import OBJECT_COLOURS, OUTLINE, RGB

_BORDER = 11


def draw_logo(looks: dict[str, str], rng: random.Random) -> Image.Image:
    """Return a logo on a transparent square; nothing in it varies, so ``rng`` is not used."""
    del rng
    layer = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(layer)
    field, ink = OBJECT_COLOURS[looks["field"]], OBJECT_COLOURS[looks["ink"]]
    _field(draw, looks["shape"], 68, OUTLINE)
    if looks["border"] == "yes":
        _field(draw, looks["shape"], 65, ink)
        _field(draw, looks["shape"], 65 - _BORDER, field)
    else:
        _field(draw, looks["shape"], 65, field)
    centre: Point = (80, 98) if looks["shape"] == "triangle" else (80, 80)
    radius = {"triangle": 28, "diamond": 32}.get(looks["shape"], 40)
    _symbol(draw, looks["symbol"], centre, radius, field, ink)
    return layer


def _field(draw: ImageDraw.ImageDraw, shape: str, radius: int, fill: RGB) -> None:
    low, high = 80 - radius, 80 + radius
    if shape == "circle":
        draw.ellipse((low, low, high, high), fill=fill)
    elif shape == "square":
        draw.rectangle((low + 6, low + 6, high - 6, high - 6), fill=fill)
    elif shape == "diamond":
        draw.polygon([(80, low - 8), (high + 8, 80), (80, high + 8), (low - 8, 80)], fill=fill)
    else:
        grown = radius * 1.15
        draw.polygon(
            [(80, 90 - grown * 1.1), (80 + grown, 90 + grown * 0.7), (80 - grown, 90 + grown * 0.7)],
            fill=fill,
        )


def _symbol(draw: ImageDraw.ImageDraw, symbol: str, centre: Point, radius: int, field: RGB, ink: RGB) -> None:
    x, y = centre
    box = (x - radius, y - radius, x + radius, y + radius)
    if symbol == "star":
        star(draw, centre, radius * 1.1, ink)
    elif symbol == "cross":
        thick = radius * 0.36
        draw.rectangle((x - thick, y - radius, x + thick, y + radius), fill=ink)
        draw.rectangle((x - radius, y - thick, x + radius, y + thick), fill=ink)
    elif symbol == "ring":
        draw.ellipse(box, outline=ink, width=int(radius * 0.42))
    else:
        draw.ellipse(box, fill=ink)
        draw.ellipse((x - radius * 0.35, y - radius * 0.95, x + radius * 1.25, y + radius * 0.65), fill=field)
