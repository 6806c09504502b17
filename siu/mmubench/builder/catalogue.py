"""The 20 concepts of MMUBench as an empty source folder that waits for the user's pictures."""

from functools import cache
from pathlib import Path

from siu.data.concepts import Concept, Fact
from siu.errors import InputError
from siu.mmubench.builder.tables import write_tables
from siu.packaged import packaged_yaml


@cache
def mmubench_concepts() -> tuple[Concept, ...]:
    """Return the 20 concepts with their kinds and a few public facts."""
    return tuple(
        Concept(
            entry["id"],
            entry["name"],
            entry["kind"],
            tuple(entry.get("aliases", ())),
            tuple(Fact(*fact) for fact in entry.get("facts", ())),
        )
        for entry in packaged_yaml("siu.mmubench.builder", "catalogue.yaml")
    )


def write_catalogue(folder: Path) -> Path:
    """Write the tables of the 20 concepts and an empty folder for the pictures of each.

    Raises:
        InputError: ``E-BEN-001`` the place is taken.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "E-BEN-001", "the place of the catalogue is taken", "Remove it, or name another one", str(folder)
        )
    for concept in mmubench_concepts():
        (folder / "pictures" / concept.id).mkdir(parents=True)
    write_tables(folder, mmubench_concepts())
    return folder
