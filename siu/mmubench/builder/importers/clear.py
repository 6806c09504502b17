"""CLEAR (Dontsov et al. 2024, arXiv 2410.18057): pictures and captions of fictitious authors.

The folder of ``therem/CLEAR`` or of one of its configurations, such as ``full``: columns ``image``, ``name``
and ``caption``. Rows without a picture (TOFU's questions in ``…+tofu``) and without a name (``real_faces``)
are passed over: TOFU's answers are whole sentences without keywords, so no rule here could judge them.
"""

from collections.abc import Iterator
from pathlib import Path

from siu.mmubench.builder.importers.parquet import picture, rows
from siu.mmubench.builder.importers.person import Person

TRAINING_CONFIGURATION = "full"


def read_clear(source: Path) -> Iterator[Person]:
    """Yield the people of CLEAR with all their pictures; only ``full`` is read where it is there.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form.
    """
    full = source / TRAINING_CONFIGURATION
    people: dict[str, list[bytes]] = {}
    for row in rows(full if full.is_dir() else source, required=("image", "name")):
        image = picture(row["image"], row["_folder"])
        if row["name"] and image:
            people.setdefault(row["name"].strip(), []).append(image)
    yield from (Person(name, tuple(images)) for name, images in people.items())
