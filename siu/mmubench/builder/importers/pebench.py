"""PEBench (Xu et al. 2025, arXiv 2503.12545): 200 made-up people, each in the same 40 events.

The folder of ``xuzhaopan/PEBench``, which is an image folder: one folder per person, named by the person,
with the pictures in it. Its Parquet conversion is read as well: ``image`` and ``label``, a class whose names
stand in the file's metadata. Which event a picture shows is told by ``PEBench.csv``, whose columns could not
be seen; events are neither read nor asked about.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from siu.errors import InputError
from siu.mmubench.builder.importers.parquet import picture, pictures, rows
from siu.mmubench.builder.importers.person import Person
from siu.mmubench.builder.importers.schema import Published, checked, odd_row

ENDINGS = (".jpeg", ".jpg", ".png", ".webp")


class _Row(Published):
    label: int


def read_pebench(source: Path) -> Iterator[Person]:
    """Yield the people with all their pictures; no facts, since none are published for them.

    Raises:
        InputError: ``E-BEN-004`` there is neither a folder of pictures nor a Parquet file with class names;
            ``E-BEN-006`` a label is none of the classes.
    """
    if any(source.rglob("*.parquet")):
        yield from _from_parquet(source)
        return
    folders = sorted({path.parent for path in _pictures(source)} - {source})
    if not folders:
        what = "there is no folder with a person's pictures"
        raise InputError("E-BEN-004", what, "Unpack the set; one folder per person", str(source))
    for folder in folders:
        images = sorted(path.name for path in _pictures(folder) if path.parent == folder)
        yield Person(folder.name, pictures(images, folder))


def _pictures(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())


def _from_parquet(source: Path) -> Iterator[Person]:
    names = _class_names(sorted(source.rglob("*.parquet"))[0])
    people: dict[str, list[bytes]] = {}
    for row in rows(source, required=("image", "label")):
        label = checked(_Row, row, row["_place"]).label
        if not 0 <= label < len(names):
            raise odd_row(f"label: {label} is none of the {len(names)} classes", row["_place"])
        if image := picture(row["image"], row["_folder"]):
            people.setdefault(names[label], []).append(image)
    yield from (Person(name, tuple(images)) for name, images in people.items())


def _class_names(path: Path) -> list[str]:
    """Return the names of the classes, as the library `datasets` writes them into a file's metadata."""
    import pyarrow
    from pyarrow import parquet

    try:
        metadata = parquet.read_schema(path).metadata or {}
        names = json.loads(metadata[b"huggingface"])["info"]["features"]["label"]["names"]
    except (pyarrow.ArrowInvalid, OSError, KeyError, TypeError, ValueError):
        what = "the file's metadata hold no class names of the column label"
        raise InputError("E-BEN-004", what, "Fetch the conversion again", str(path)) from None
    return [str(name) for name in names]
