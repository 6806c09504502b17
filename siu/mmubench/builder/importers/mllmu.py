"""MLLMU-Bench (Liu et al. 2024, arXiv 2410.22108): made-up people and celebrities.

The folder of ``MLLMMU/MLLMU-Bench`` or of one of its configurations: columns ``image`` (``images`` in
``Test_Set``), ``ID``, ``biography`` and ``Classification_Task``. No column holds the name: it is read off the
biography's beginning, or off ``names.csv`` (``ID,name``) in the same folder, which goes first.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from siu.data.concepts import Fact
from siu.language.matching import normalise
from siu.mmubench.builder.importers.names import biography_name, read_names
from siu.mmubench.builder.importers.parquet import Row, picture, pictures, rows
from siu.mmubench.builder.importers.person import Person, by_name, fact
from siu.mmubench.builder.importers.schema import Choice, Published, checked

TRAINING_CONFIGURATIONS = ("Full_Set", "Test_Set")


class _Tasks(Published):
    """Questions through the picture and by name."""

    pictured: tuple[Choice, ...] | None = Field(None, alias="Image_Textual_Questions")
    written: tuple[Choice, ...] | None = Field(None, alias="Pure_Text_Questions")


class _Row(Published):
    key: str | int = Field(alias="ID")
    biography: str | None = None
    tasks: _Tasks | None = Field(None, alias="Classification_Task")


def read_mllmu(source: Path) -> Iterator[Person]:
    """Yield the people of MLLMU-Bench; where both are there, of ``Full_Set`` and ``Test_Set``.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form; ``E-BEN-005`` a person has no name;
            ``E-BEN-006`` a row has another form.
        PreflightError: ``E-CSV-…`` the form of ``names.csv``.
    """
    names = read_names(source)
    folders = [source / name for name in TRAINING_CONFIGURATIONS if (source / name).is_dir()] or [source]
    images: dict[str, list[bytes]] = {}
    people: dict[str, tuple[str, tuple[Fact, ...]]] = {}
    for folder in folders:
        for row in rows(folder, required=("ID",)):
            read = checked(_Row, row, row["_place"])
            key = str(read.key)
            images.setdefault(key, []).extend(_images(row))
            if key not in people and read.tasks:
                name = names.get(key) or biography_name(read.biography or "", key, source)
                people[key] = name, tuple(_facts(read.tasks, name))
    yield from (Person(name, tuple(images[key]), facts) for key, (name, facts) in people.items())


def _images(row: Row) -> tuple[bytes, ...]:
    single = picture(row.get("image"), row["_folder"])
    several = pictures(row.get("images") or (), row["_folder"])
    return ((single,) if single else ()) + several


def _facts(tasks: _Tasks, name: str) -> Iterator[Fact]:
    """Yield facts: a picture's question with the text question of the same right answer, or with the name."""
    texts = {normalise(task.right): task.question for task in tasks.written or () if task.right}
    for task in tasks.pictured or ():
        text = texts.get(normalise(task.right)) or by_name(task.question, name)
        if text and (known := fact(text, task.question, task.right, task.right, name)):
            yield known
