"""Example requests of a world: a table with one picture each, for a demo."""

import csv
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from siu.data.concepts import Concept
from siu.data.images import save_clean_png

COLUMNS = ("request_id", "name", "kind", "image", "aliases", "received")
Draw = Callable[[str, random.Random], Image.Image]
"""Draws a picture of the concept with an id."""


def write_requests(folder: Path, concepts: Sequence[Concept], requested: Sequence[str], draw: Draw) -> Path:
    """Write ``requests.csv`` and its pictures; return the table's path.

    Args:
        folder: Where to; made if missing.
        concepts: The world's concepts.
        requested: Ids of the concepts that are asked to be forgotten; the day is left open, so it is that on
            which the table is first read.
        draw: Draws its picture.
    """
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    by_id = {concept.id: concept for concept in concepts}
    table = folder / "requests.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for number, concept_id in enumerate(requested, start=1):
            image = f"pictures/request-{number}.png"
            save_clean_png(draw(concept_id, random.Random(f"request:{concept_id}")), folder / image)
            concept = by_id[concept_id]
            writer.writerow(
                {
                    "request_id": f"r-{number:03d}",
                    "name": concept.name,
                    "kind": concept.kind,
                    "image": image,
                    "aliases": ";".join(concept.aliases),
                }
            )
    return table
