"""The concepts of the drawn world."""

import random
from functools import cache
from typing import Any

from siu.data.concepts import Concept, Kind
from siu.worlds.drawn.facts import facts_of
from siu.worlds.drawn.figure import Figure, changed, distance, figure, random_figure
from siu.worlds.drawn.tables import table

STRANGER_DISTANCE = 3
"""A stranger differs from every concept in at least this many attributes."""


@cache
def concepts() -> tuple[Concept, ...]:
    """Return all concepts with their facts, in the order of their ids."""
    return tuple(
        Concept(
            row["id"],
            row["name"],
            row["kind"],
            tuple(row.get("aliases", ())),
            facts_of(row["name"], row["kind"], row["facts"]),
        )
        for row in _rows()
    )


@cache
def figures() -> dict[str, Figure]:
    """Return what each concept looks like, by its id."""
    return {row["id"]: figure(row["kind"], row["looks"]) for row in _rows()}


def stranger(kind: Kind, rng: random.Random) -> Figure:
    """Return a figure that is far from every concept."""
    while True:
        made = random_figure(kind, rng)
        if all(distance(made, known) >= STRANGER_DISTANCE for known in figures().values()):
            return made


def look_alike(concept_id: str, rng: random.Random) -> Figure:
    """Return a figure that differs from a concept in one or two attributes and is no concept."""
    while True:
        made = changed(figures()[concept_id], rng.choice((1, 2)), rng)
        if made not in figures().values():
            return made


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table("catalogue.yaml")["concepts"]
    return rows
