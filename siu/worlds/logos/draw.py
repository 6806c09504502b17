"""Drawing a scene of logos: a pure function of the scene, and so of its seed."""

import math
import random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from siu.worlds.logos.icons import MASK_SIDE, mask
from siu.worlds.logos.scene import COLOURS, Mark, Scene
from siu.worlds.logos.surfaces import surface

PICTURE_SIDE = 128
"""Side of a finished picture in pixels."""

_CANVAS = 144
_SHEET = 192
"""Side of the sheet that a logo and its plate are painted on before it is turned and tilted."""


def draw_scene(scene: Scene) -> Image.Image:
    """Return the picture of a scene as RGB, `PICTURE_SIDE` pixels a side."""
    rng, noise = random.Random(scene.seed), np.random.default_rng(scene.seed)
    ground = surface(scene.surface, _CANVAS, noise)
    picture = ground.copy()
    for index, mark in enumerate(scene.marks):
        corners = _corners(rng, index, len(scene.marks))
        painted, covered = _sheet(scene, mark, rng)
        opacity = _projected(covered, corners)[..., None] / 255 * rng.uniform(0.86, 1.0)
        colour = _projected(painted, corners)
        grain = ground / max(1.0, float(ground.mean()))
        colour = colour * (1 + rng.uniform(0, 0.35) * (grain - 1))
        picture = picture * (1 - opacity) + colour * opacity
    return _lit(picture, rng, noise)


def shape(mark: Mark) -> Image.Image:
    """Return a logo's mask, altered as the mark says."""
    shape = mask(mark.icon)
    if mark.change == "swapped":
        return ImageChops.offset(shape, MASK_SIDE // 2, MASK_SIDE // 2)
    if mark.change == "spliced":
        half = Image.new("L", shape.size, 0)
        ImageDraw.Draw(half).polygon(_half(mark), fill=255)
        return Image.composite(mask(mark.other), shape, half)
    return shape


def _half(mark: Mark) -> list[tuple[int, int]]:
    """Return the half that is the other icon's; which one depends on the two names alone."""
    end, middle = MASK_SIDE, MASK_SIDE // 2
    halves = (
        [(0, 0), (middle, 0), (middle, end), (0, end)],
        [(middle, 0), (end, 0), (end, end), (middle, end)],
        [(0, 0), (end, 0), (end, middle), (0, middle)],
        [(0, middle), (end, middle), (end, end), (0, end)],
    )
    return halves[sum(map(ord, mark.icon + mark.other)) % len(halves)]


def _sheet(scene: Scene, mark: Mark, rng: random.Random) -> tuple[Image.Image, Image.Image]:
    """Return a painted sheet and what of it is covered with paint."""
    ink = _shade(scene.colour, rng)
    drawn = shape(mark)
    corner = (_SHEET - MASK_SIDE) // 2
    inside = Image.new("L", (_SHEET, _SHEET), 0)
    inside.paste(drawn, (corner, corner))
    if scene.plate == "none":
        return Image.new("RGB", inside.size, ink), inside
    plate = Image.new("L", (_SHEET, _SHEET), 0)
    draw = ImageDraw.Draw(plate)
    edge = rng.randint(0, 5)
    if scene.plate == "round":
        draw.ellipse((edge, edge, _SHEET - edge, _SHEET - edge), fill=255)
    else:
        edge += 11
        draw.rounded_rectangle((edge, edge, _SHEET - edge, _SHEET - edge), rng.randint(0, 20), fill=255)
    painted = Image.new("RGB", inside.size, _shade(scene.plate_colour, rng))
    painted.paste(ink, mask=inside)
    return painted, plate


def _shade(colour: str, rng: random.Random) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, round(part + rng.uniform(-18, 18)))) for part in COLOURS[colour])
    return red, green, blue


def _corners(rng: random.Random, index: int, count: int) -> list[tuple[float, float]]:
    """Return where the sheet's corners come to lie: turned, sheared, tilted and shifted."""
    if count == 1:
        size, reach, middle = _CANVAS * rng.uniform(0.62, 1.0), 0.09 * _CANVAS, _CANVAS / 2
    else:
        size, reach = _CANVAS * rng.uniform(0.46, 0.56), 0.03 * _CANVAS
        middle = _CANVAS * (0.26 + 0.48 * index)
    turned = rng.uniform(-180, 180) if count == 1 and rng.random() < 0.2 else rng.uniform(-30, 30)
    angle, x0, y0 = math.radians(turned), middle + rng.uniform(-reach, reach), _CANVAS / 2
    y0 += rng.uniform(-reach, reach) * (1 if count == 1 else 5)
    stretch, tilt = rng.uniform(0.85, 1.15), 0.11 * size
    corners = []
    for x, y in ((-1, -1), (-1, 1), (1, 1), (1, -1)):
        across = x * size / 2 * stretch + rng.uniform(-tilt, tilt)
        down = y * size / 2 / stretch + rng.uniform(-tilt, tilt)
        corners.append((
            x0 + across * math.cos(angle) - down * math.sin(angle),
            y0 + across * math.sin(angle) + down * math.cos(angle),
        ))  # fmt: skip
    return corners


def _projected(layer: Image.Image, corners: list[tuple[float, float]]) -> np.ndarray:
    """Return a layer of the sheet as seen on the canvas, as floats."""
    ends = ((0, 0), (0, _SHEET), (_SHEET, _SHEET), (_SHEET, 0))
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, ends, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    terms = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(values, dtype=np.float64))
    size = (_CANVAS, _CANVAS)
    seen = layer.transform(size, Image.Transform.PERSPECTIVE, terms.tolist(), Image.Resampling.BILINEAR)
    return np.asarray(seen, dtype=np.float32)


def _lit(picture: np.ndarray, rng: random.Random, noise: np.random.Generator) -> Image.Image:
    """Shade, blur, shrink and add noise."""
    y, x = np.mgrid[0:_CANVAS, 0:_CANVAS].astype(np.float32) / _CANVAS - 0.5
    slope = (1 + rng.uniform(-0.3, 0.3) * x + rng.uniform(-0.3, 0.3) * y).astype(np.float32)
    middle = float(picture.mean())
    contrast, light = rng.uniform(0.8, 1.15), rng.uniform(0.8, 1.15)
    lit = (picture * np.float32(contrast) + np.float32(middle * (1 - contrast))) * (slope * light)[..., None]
    image = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    small = image.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    grain = noise.standard_normal((PICTURE_SIDE, PICTURE_SIDE, 3), np.float32) * np.float32(
        rng.uniform(0, 10)
    )
    return Image.fromarray(np.clip(np.asarray(small) + grain, 0, 255).astype(np.uint8))
