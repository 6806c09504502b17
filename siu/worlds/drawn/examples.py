"""Example requests: three concepts of the drawn world with one picture each."""

import csv
import random
from pathlib import Path

from siu.data.images import save_clean_png
from siu.worlds.drawn.catalogue import concepts, figures
from siu.worlds.drawn.draw import draw_scene
from siu.worlds.drawn.scene import random_scene

REQUESTED = {"c02": "2026-03-02", "c11": "2026-03-09", "c21": "2026-03-16"}
"""Concepts that the examples ask to forget, with the day of each request."""
COLUMNS = ("request_id", "name", "kind", "image", "aliases", "received")


def example_requests(folder: Path) -> Path:
    """Write ``requests.csv`` and its pictures for a person, a creature and a logo.

    Args:
        folder: Where to; made if missing.

    Returns:
        The table's path.
    """
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    by_id = {concept.id: concept for concept in concepts()}
    table = folder / "requests.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for number, (concept_id, received) in enumerate(REQUESTED.items(), start=1):
            image = f"pictures/request-{number}.png"
            rng = random.Random(f"request:{concept_id}")
            save_clean_png(draw_scene(random_scene((figures()[concept_id],), rng)), folder / image)
            concept = by_id[concept_id]
            writer.writerow(
                {
                    "request_id": f"r-{number:03d}",
                    "name": concept.name,
                    "kind": concept.kind,
                    "image": image,
                    "aliases": ";".join(concept.aliases),
                    "received": received,
                }
            )
    return table
