"""MLLMU-Bench (Liu et al. 2024, arXiv 2410.22108): made-up people and celebrities.

The folder of ``MLLMMU/MLLMU-Bench`` or of one of its configurations: columns ``image`` (``images`` in
``Test_Set``), ``ID``, ``biography`` and ``Classification_Task``. No column holds the name: it is read off the
biography's beginning, or off ``names.csv`` (``ID,name``) in the same folder, which goes first.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from siu.data.concepts import Fact
from siu.data.intake.table import read_table
from siu.errors import InputError
from siu.language.matching import normalise
from siu.mmubench.builder.importers.parquet import Row, picture, pictures, rows
from siu.mmubench.builder.importers.person import Person, by_name, fact
from siu.problems import Problems

TRAINING_CONFIGURATIONS = ("Full_Set", "Test_Set")
_NAME = re.compile(r"(?:Name:\s*)?([A-ZÀ-Þ][\w'’.-]+(?: (?:[A-ZÀ-Þ][\w'’.-]*|de|da|van|von|bin|al|el|la))+)")


def read_mllmu(source: Path) -> Iterator[Person]:
    """Yield the people of MLLMU-Bench; where both are there, of ``Full_Set`` and ``Test_Set``.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form; ``E-BEN-005`` a person has no name.
        PreflightError: ``E-CSV-…`` the form of ``names.csv``.
    """
    names = _names(source / "names.csv")
    folders = [source / name for name in TRAINING_CONFIGURATIONS if (source / name).is_dir()] or [source]
    images: dict[str, list[bytes]] = {}
    people: dict[str, tuple[str, tuple[Fact, ...]]] = {}
    for folder in folders:
        for row in rows(folder, required=("ID",)):
            key = str(row["ID"])
            images.setdefault(key, []).extend(_images(row))
            if key not in people and row.get("Classification_Task"):
                name = names.get(key) or _name_in(row, source)
                people[key] = name, tuple(_facts(row["Classification_Task"], name))
    yield from (Person(name, tuple(images[key]), facts) for key, (name, facts) in people.items())


def _images(row: Row) -> tuple[bytes, ...]:
    single = picture(row.get("image"), row["_folder"])
    several = pictures(row.get("images") or (), row["_folder"])
    return ((single,) if single else ()) + several


def _facts(tasks: Mapping[str, Any], name: str) -> Iterator[Fact]:
    """Yield facts: a picture's question with the text question of the same right answer, or with the name."""
    texts = {normalise(right): str(task["Question"]) for task, right in _right(tasks, "Pure_Text_Questions")}
    for task, right in _right(tasks, "Image_Textual_Questions"):
        question = str(task["Question"])
        text = texts.get(normalise(right)) or by_name(question, name)
        if text and (known := fact(text, question, right, right, name)):
            yield known


def _right(tasks: Mapping[str, Any], kind: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    for task in tasks.get(kind) or ():
        right = (task.get("Options") or {}).get(task.get("Correct_Answer"))
        if task.get("Question") and right:
            yield task, str(right)


def _name_in(row: Row, source: Path) -> str:
    match = _NAME.match(str(row.get("biography") or "").strip())
    if match is None:
        what = f"the biography of {row['ID']} doesn't begin with a name"
        raise InputError("E-BEN-005", what, "Write names.csv with the columns ID and name", str(source))
    return match.group(1)


def _names(path: Path) -> dict[str, str]:
    problems = Problems()
    table = read_table(path, required=("ID", "name"), problems=problems) if path.is_file() else []
    problems.raise_if_any()
    return {row["ID"]: row["name"] for row in table}
