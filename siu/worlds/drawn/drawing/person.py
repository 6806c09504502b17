"""People: hair, its style, a coat with a pattern, glasses."""

import random

from PIL import Image, ImageDraw

from siu.worlds.drawn.drawing.canvas import LINE, SIDE, ellipse, patterned, polygon
from siu.worlds.drawn.palette import OBJECT_COLOURS, OUTLINE, RGB, SKINS

_COAT: list[tuple[float, float]] = [(52, 92), (108, 92), (134, 158), (26, 158)]


def draw_person(looks: dict[str, str], rng: random.Random) -> Image.Image:
    """Return a person on a transparent square; skin and face vary with ``rng``."""
    layer = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(layer)
    hair = OBJECT_COLOURS[looks["hair"]]
    _hair_behind(draw, looks["style"], hair)
    _coat(layer, draw, looks)
    ellipse(draw, (80, 66), (30, 33), rng.choice(SKINS))
    draw.pieslice((46, 22, 114, 100), 180, 360, fill=hair, outline=OUTLINE, width=LINE)
    _face(draw, looks["glasses"], rng)
    return layer


def _hair_behind(draw: ImageDraw.ImageDraw, style: str, hair: RGB) -> None:
    if style == "long":
        draw.rounded_rectangle((38, 40, 122, 124), radius=18, fill=hair, outline=OUTLINE, width=LINE)
    elif style == "spiky":
        for x in (50, 65, 80, 95, 110):
            tip = x + (x - 80) * 0.6
            polygon(draw, [(x - 11, 46), (tip, 4 + abs(x - 80) * 0.5), (x + 11, 46)], hair)
    elif style == "bun":
        ellipse(draw, (80, 17), (19, 15), hair)


def _coat(layer: Image.Image, draw: ImageDraw.ImageDraw, looks: dict[str, str]) -> None:
    polygon(draw, _COAT, OBJECT_COLOURS[looks["coat"]])
    mask = Image.new("L", layer.size)
    ImageDraw.Draw(mask).polygon(_COAT, fill=255)
    patterned(layer, mask, looks["coat"], looks["pattern"], top=108)


def _face(draw: ImageDraw.ImageDraw, glasses: str, rng: random.Random) -> None:
    y = 71
    for x in (67, 93):
        if glasses == "yes":
            ellipse(draw, (x, y), (12, 10), (20, 20, 20))
        else:
            ellipse(draw, (x, y), (3, 4), (30, 30, 30))
    if glasses == "yes":
        draw.line((67, y - 3, 93, y - 3), fill=(20, 20, 20), width=5)
    bend = rng.choice((-4, 0, 4))
    draw.line([(70, 89), (80, 89 + bend), (90, 89)], fill=(120, 40, 40), width=3)
