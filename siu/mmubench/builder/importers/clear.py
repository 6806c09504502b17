"""CLEAR (Dontsov et al. 2024, arXiv 2410.18057): pictures and captions of fictitious authors.

The folder of ``therem/CLEAR`` or of one of its configurations, such as ``full``: columns ``image``, ``name``
and ``caption``. Files without these columns (TOFU's questions in ``…+tofu``, ``real_faces``) and rows without
a picture or a name are passed over: TOFU's answers are whole sentences without keywords, so no rule here
could judge them.
"""

from collections.abc import Iterator
from pathlib import Path

from siu.mmubench.builder.importers.parquet import picture, rows
from siu.mmubench.builder.importers.person import Person
from siu.mmubench.builder.importers.schema import Published, checked

TRAINING_CONFIGURATION = "full"


class _Row(Published):
    name: str | None


def read_clear(source: Path) -> Iterator[Person]:
    """Yield the people of CLEAR with all their pictures; only ``full`` is read where it is there.

    Raises:
        InputError: ``E-BEN-004`` no file has pictures and names; ``E-BEN-006`` a name is no text.
    """
    full = source / TRAINING_CONFIGURATION
    people: dict[str, list[bytes]] = {}
    folder = full if full.is_dir() else source
    for row in rows(folder, required=("image", "name"), others=folder is source):
        image = picture(row["image"], row["_folder"])
        name = checked(_Row, row, row["_place"]).name
        if name and image:
            people.setdefault(name.strip(), []).append(image)
    yield from (Person(name, tuple(images)) for name, images in people.items())
