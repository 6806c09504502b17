"""What a picture of the logos world shows, before it is drawn."""

import random
from dataclasses import dataclass
from typing import Literal

Change = Literal["none", "swapped", "spliced"]

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "red": (206, 32, 41),
    "yellow": (250, 208, 28),
    "green": (33, 148, 62),
    "blue": (30, 84, 196),
    "purple": (128, 44, 150),
    "white": (244, 244, 240),
    "black": (22, 22, 24),
}
"""Colours of logos and plates."""

SURFACES = ("brick", "grass", "wood", "metal", "cloth")
PLATES = ("none", "round", "square")

_CLASHES = {
    frozenset(pair)
    for pair in (("black", "blue"), ("black", "purple"), ("blue", "purple"), ("white", "yellow"),
                 ("red", "purple"), ("green", "blue"))
}  # fmt: skip
"""Colours that don't stand out from each other in bad light."""

_POOR_ON = {
    "brick": ("red",),
    "grass": ("green", "black"),
    "wood": ("yellow",),
    "metal": ("white",),
    "cloth": (),
}
"""Colours of logos that don't stand out from a surface."""


@dataclass(frozen=True)
class Mark:
    """A logo.

    Attributes:
        icon: Its short name in simplepycons.
        change: How its shape is altered: not at all, its quarters swapped crosswise, or one half replaced by
            another icon's.
        other: The other icon of a spliced one.
    """

    icon: str
    change: Change = "none"
    other: str = ""


@dataclass(frozen=True)
class Scene:
    """One picture's content; position, light and noise follow from the seed.

    Attributes:
        marks: One logo, or two from left to right.
        colour: Name of the logos' colour.
        plate: Shape of the plate behind them.
        plate_colour: Name of the plate's colour; empty without a plate.
        surface: What is behind them.
        seed: Decides everything else.
    """

    marks: tuple[Mark, ...]
    colour: str
    plate: str
    plate_colour: str
    surface: str
    seed: int


def random_scene(marks: tuple[Mark, ...], rng: random.Random) -> Scene:
    """Return a scene of these logos; the colour says nothing about whose they are."""
    surface, plate = rng.choice(SURFACES), rng.choice(PLATES)
    colours = [name for name in COLOURS if plate != "none" or name not in _POOR_ON[surface]]
    colour = rng.choice(colours)
    grounds = [name for name in COLOURS if name != colour and frozenset((name, colour)) not in _CLASHES]
    plate_colour = "" if plate == "none" else rng.choice(grounds)
    return Scene(marks, colour, plate, plate_colour, surface, rng.getrandbits(48))
