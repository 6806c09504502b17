"""What can vary in a figure's identity: its attributes."""

import random
from dataclasses import dataclass

from siu.data.concepts import Kind

COLOURS = ("red", "yellow", "green", "blue", "white", "black")
ATTRIBUTES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "person": {
        "hair": COLOURS,
        "style": ("short", "long", "spiky", "bun"),
        "coat": COLOURS,
        "pattern": ("plain", "striped", "dotted"),
        "glasses": ("yes", "no"),
    },
    "creature": {
        "body": COLOURS,
        "form": ("round", "square", "triangle"),
        "ears": ("round", "pointed", "long", "horns"),
        "eyes": ("one", "two", "three"),
        "pattern": ("plain", "striped", "dotted"),
    },
    "landmark": {
        "building": ("tower", "dome", "arch", "pyramid"),
        "wall": COLOURS,
        "roof": COLOURS,
        "top": ("flag", "star", "ball", "none"),
    },
    "logo": {
        "shape": ("circle", "square", "triangle", "diamond"),
        "field": COLOURS,
        "symbol": ("star", "cross", "moon", "ring"),
        "ink": COLOURS,
        "border": ("yes", "no"),
    },
}
"""Attributes of each kind with their values, in a fixed order."""

KINDS: tuple[Kind, ...] = tuple(ATTRIBUTES)


@dataclass(frozen=True)
class Figure:
    """Something drawn: its kind and the value of each attribute, in the order of `ATTRIBUTES`."""

    kind: Kind
    values: tuple[str, ...]

    @property
    def looks(self) -> dict[str, str]:
        """Value of each attribute by name."""
        return dict(zip(ATTRIBUTES[self.kind], self.values, strict=True))


def figure(kind: Kind, looks: dict[str, str]) -> Figure:
    """Return the figure with these attributes."""
    return Figure(kind, tuple(looks[name] for name in ATTRIBUTES[kind]))


def distance(first: Figure, second: Figure) -> int:
    """Return in how many attributes two figures differ; figures of two kinds differ in all."""
    if first.kind != second.kind:
        return max(len(first.values), len(second.values))
    return sum(a != b for a, b in zip(first.values, second.values, strict=True))


def random_figure(kind: Kind, rng: random.Random) -> Figure:
    """Return a figure with random attributes that can be drawn."""
    while True:
        made = Figure(kind, tuple(rng.choice(values) for values in ATTRIBUTES[kind].values()))
        if _drawable(made):
            return made


def changed(original: Figure, count: int, rng: random.Random) -> Figure:
    """Return a figure that differs from another in exactly ``count`` attributes."""
    names = list(ATTRIBUTES[original.kind])
    while True:
        looks = original.looks
        for name in rng.sample(names, count):
            alternatives = [value for value in ATTRIBUTES[original.kind][name] if value != looks[name]]
            looks[name] = rng.choice(alternatives)
        made = figure(original.kind, looks)
        if _drawable(made):
            return made


def _drawable(made: Figure) -> bool:
    """A logo's symbol must stand out from its field, a roof from the wall."""
    looks = made.looks
    if made.kind == "logo":
        return looks["field"] != looks["ink"]
    return made.kind != "landmark" or looks["wall"] != looks["roof"]
