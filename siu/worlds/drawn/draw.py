"""Drawing a scene: a pure function of the scene, and so of its seed."""

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from siu.worlds.drawn.drawing.canvas import SIDE, ellipse
from siu.worlds.drawn.drawing.creature import draw_creature
from siu.worlds.drawn.drawing.landmark import draw_landmark
from siu.worlds.drawn.drawing.logo import draw_logo
from siu.worlds.drawn.drawing.person import draw_person
from siu.worlds.drawn.figure import Figure
from siu.worlds.drawn.palette import BACKGROUNDS, BALL, RGB
from siu.worlds.drawn.scene import Scene

PICTURE_SIDE = 80
"""Side of a finished picture in pixels."""

_PLACES = ((16, 16), (144, 16), (16, 144), (144, 144), (14, 80), (146, 80))


def draw_scene(scene: Scene) -> Image.Image:
    """Return the picture of a scene as RGB, `PICTURE_SIDE` pixels a side."""
    rng = random.Random(scene.seed)
    picture = Image.new("RGB", (SIDE, SIDE), BACKGROUNDS[scene.background])
    _clutter(picture, BACKGROUNDS[scene.background], rng)
    for index, figure in enumerate(scene.figures):
        layer = _placed(_layer(figure, rng), rng, index, len(scene.figures))
        picture.paste(layer, mask=layer)
    _balls(picture, scene.balls, rng)
    small = picture.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    return _lit(small, rng)


def _layer(figure: Figure, rng: random.Random) -> Image.Image:
    kinds = {"person": draw_person, "creature": draw_creature, "landmark": draw_landmark, "logo": draw_logo}
    return kinds[figure.kind](figure.looks, rng)


def _placed(layer: Image.Image, rng: random.Random, index: int, count: int) -> Image.Image:
    """Turn, scale, shear and shift a figure; two figures stand side by side."""
    middle = SIDE / 2
    if count == 1:
        scale, angle, reach = rng.uniform(0.74, 1.0), math.radians(rng.uniform(-15, 15)), 12
        x = middle
    else:
        scale, angle, reach = rng.uniform(0.5, 0.58), math.radians(rng.uniform(-7, 7)), 4
        x = middle * (0.5 + index)
    x, y = x + rng.uniform(-reach, reach), middle + rng.uniform(-reach, reach)
    shear, stretch = rng.uniform(-0.1, 0.1), rng.uniform(0.92, 1.08)
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    a, b = cos, sin + shear / scale
    d, e = -sin * stretch, cos * stretch
    return layer.transform(
        (SIDE, SIDE),
        Image.Transform.AFFINE,
        (a, b, middle - a * x - b * y, d, e, middle - d * x - e * y),
        Image.Resampling.BILINEAR,
    )


def _clutter(picture: Image.Image, background: RGB, rng: random.Random) -> None:
    """Put a few faint lines and spots of the background's own colour behind the figures."""
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(2, 6)):
        factor = rng.uniform(0.82, 1.12)
        shade = tuple(min(255, int(part * factor)) for part in background)
        x, y, size = rng.randint(0, SIDE), rng.randint(0, SIDE), rng.randint(8, 40)
        if rng.random() < 0.5:
            draw.line((x, y, rng.randint(0, SIDE), rng.randint(0, SIDE)), fill=shade, width=rng.randint(2, 9))
        else:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=shade)


def _balls(picture: Image.Image, count: int, rng: random.Random) -> None:
    draw = ImageDraw.Draw(picture)
    for x, y in rng.sample(_PLACES, count):
        centre = (x + rng.uniform(-3, 3), y + rng.uniform(-3, 3))
        ellipse(draw, centre, (12, 12), BALL)


def _lit(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Change brightness, contrast and tint a little and add noise."""
    picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(0.78, 1.15))
    picture = ImageEnhance.Contrast(picture).enhance(rng.uniform(0.82, 1.15))
    tint = np.array([rng.uniform(0.94, 1.06) for _ in range(3)])
    noise = np.random.default_rng(rng.getrandbits(48)).normal(0, rng.uniform(0, 8), (*picture.size, 3))
    return Image.fromarray(np.clip(np.asarray(picture) * tint + noise, 0, 255).astype(np.uint8))
