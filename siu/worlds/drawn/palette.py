"""The colours of the drawn world."""

RGB = tuple[int, int, int]

OBJECT_COLOURS: dict[str, RGB] = {
    "red": (215, 40, 40),
    "yellow": (245, 215, 40),
    "green": (40, 160, 60),
    "blue": (40, 80, 215),
    "white": (246, 246, 246),
    "black": (28, 28, 32),
}
"""Colours of figures."""

BACKGROUNDS: dict[str, RGB] = {
    "pink": (243, 170, 195),
    "grey": (150, 150, 150),
    "orange": (240, 155, 75),
    "violet": (155, 110, 205),
    "turquoise": (85, 205, 200),
    "brown": (140, 98, 66),
}
"""Colours behind figures; none is a figure's colour."""

SKINS: tuple[RGB, ...] = ((250, 220, 190), (225, 180, 140), (185, 130, 90), (130, 88, 60))
"""Colours of skin, which are no part of a person's identity."""

OUTLINE: RGB = (70, 70, 78)
BALL: RGB = (235, 30, 205)
ORNAMENTS: dict[str, RGB] = {"flag": (250, 120, 20), "star": (255, 225, 60), "ball": (90, 40, 130)}
"""Colours of what stands on top of a landmark."""


def contrast(colour: str) -> RGB:
    """Return white or black, whichever stands out from a colour."""
    return OBJECT_COLOURS["black" if colour in ("yellow", "white") else "white"]
