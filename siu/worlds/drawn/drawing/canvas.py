"""Shapes that the figures share."""

import math

from PIL import Image, ImageDraw

from siu.worlds.drawn.palette import OUTLINE, RGB, contrast

SIDE = 160
"""Side of the square that a figure is drawn on."""

LINE = 3
Point = tuple[float, float]


def polygon(draw: ImageDraw.ImageDraw, points: list[Point], fill: RGB) -> None:
    """Draw an outlined polygon."""
    draw.polygon(points, fill=fill)
    draw.line([*points, points[0]], fill=OUTLINE, width=LINE, joint="curve")


def ellipse(draw: ImageDraw.ImageDraw, centre: Point, radius: Point, fill: RGB) -> None:
    """Draw an outlined ellipse."""
    (x, y), (across, down) = centre, radius
    draw.ellipse((x - across, y - down, x + across, y + down), fill=fill, outline=OUTLINE, width=LINE)


def star(draw: ImageDraw.ImageDraw, centre: Point, radius: float, fill: RGB) -> None:
    """Draw a five-pointed star."""
    points = []
    for corner in range(10):
        length = radius if corner % 2 == 0 else radius * 0.45
        angle = math.pi * corner / 5
        points.append((centre[0] + length * math.sin(angle), centre[1] - length * math.cos(angle)))
    polygon(draw, points, fill)


def patterned(layer: Image.Image, mask: Image.Image, colour: str, pattern: str, top: int) -> None:
    """Lay stripes or dots over the part of a layer that a mask leaves free, below a height.

    Args:
        layer: What is drawn on.
        mask: White where the pattern may be.
        colour: Name of the colour below; the pattern contrasts with it.
        pattern: ``plain``, ``striped`` or ``dotted``.
        top: Where the pattern begins.
    """
    if pattern == "plain":
        return
    ink = Image.new("L", layer.size)
    draw = ImageDraw.Draw(ink)
    if pattern == "striped":
        for y in range(top, SIDE, 24):
            draw.rectangle((0, y, SIDE, y + 11), fill=255)
    else:
        for row, y in enumerate(range(top + 6, SIDE, 22)):
            for x in range(12 + 14 * (row % 2), SIDE, 28):
                draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=255)
    both = Image.new("L", layer.size)
    both.paste(ink, mask=mask)
    layer.paste((*contrast(colour), 255), mask=both)
