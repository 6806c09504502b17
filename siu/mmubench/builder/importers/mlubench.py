"""MLUBench (arXiv 2606.12809): 127 things of nine classes, forgotten in four tasks one after another.

The unpacked ``MLUBench.zip`` of ``lihe-maxsize/Lifelong_Unlearning_main``, with the pictures' folder
``downloaded_images`` inside it: ``Tasks/TaskA/taskA_forget.json``, ``taskA_retain.json`` and so on to D, each
a list of ``id``, ``image`` and ``conversations`` (a ``human`` turn that begins with ``<image>``, a ``gpt``
turn). Nothing holds the name but the picture's path, ``downloaded_images/<class>/<entity>/<file>``;
``names.csv`` (``ID,name``; the ID is the entity's folder) goes before it. Answers are free texts without
keywords, so they become no facts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from siu.data.concepts import Kind
from siu.errors import InputError
from siu.mmubench.builder.importers.names import read_names
from siu.mmubench.builder.importers.parquet import pictures
from siu.mmubench.builder.importers.person import Person
from siu.mmubench.builder.importers.schema import Published, checked, json_list, odd_row

Part = Literal["forget", "retain"]
PICTURES = "downloaded_images"
KINDS: dict[str, Kind] = {
    "Personage": "person",
    "Animals": "creature",
    "Buildings": "landmark",
    "Corporation": "logo",
}
"""Kinds by the set's classes; plants, planets, cartoons, films and series are ``other``."""
_ADDED = re.compile(r" (?:Corporation Logo|Logo|TV Show|TV Series)$")
"""What folder names add to a name: ``Apple_Logo``, ``Friends_TV_Show``."""
_FILE = re.compile(r"task(\w+)_(forget|retain)\.json")


class _Turn(Published):
    speaker: Literal["human", "gpt"] = Field(alias="from")
    text: str = Field(alias="value")


class _Entry(Published):
    key: str = Field(alias="id")
    image: str
    turns: tuple[_Turn, _Turn] = Field(alias="conversations")


@dataclass(frozen=True)
class MluQuestion:
    """One entry of a task.

    Attributes:
        task: Which task: ``A`` to ``D``.
        part: Whether the task forgets or retains it.
        category: The thing's class, as the path has it.
        entity: The thing's folder.
        image: Path of the picture below the set's folder.
        question: What is asked, without the picture's mark.
        answer: The published answer.
        place: File and entry.
    """

    task: str
    part: Part
    category: str
    entity: str
    image: str
    question: str
    answer: str
    place: str


def read_mlubench(source: Path) -> Iterator[Person]:
    """Yield the things of MLUBench in the order of the tasks, first those that a task forgets.

    Raises:
        InputError: ``E-BEN-004`` the folder has no task; ``E-BEN-006`` an entry has another form.
        PreflightError: ``E-CSV-…`` the form of ``names.csv``.
    """
    names = read_names(source)
    images: dict[tuple[str, str], dict[str, None]] = {}
    forgotten: set[tuple[str, str]] = set()
    for question in mlu_questions(source):
        thing = question.category, question.entity
        images.setdefault(thing, {})[question.image] = None
        if question.part == "forget":
            forgotten.add(thing)
    for thing, paths in images.items():
        category, entity = thing
        name = names.get(entity) or _ADDED.sub("", entity.replace("_", " "))
        kind = KINDS.get(category, "other")
        yield Person(name, pictures(paths, source), (), kind, thing in forgotten)


def mlu_questions(source: Path) -> Iterator[MluQuestion]:
    """Yield all entries, task by task, those to be forgotten first.

    Raises:
        InputError: ``E-BEN-004`` the folder has no task; ``E-BEN-006`` an entry has another form.
    """
    files = [(match, path) for path in source.glob("Tasks/*/*.json") if (match := _FILE.fullmatch(path.name))]
    if not files:
        what = "there is no Tasks/Task…/task…_forget.json"
        raise InputError("E-BEN-004", what, "Name the unpacked folder MLUBench", str(source))
    for match, path in sorted(files, key=lambda file: (file[0][1], file[0][2])):
        part: Part = "forget" if match[2] == "forget" else "retain"
        for listed, place in json_list(path):
            entry = checked(_Entry, listed, place)
            yield _question(match[1], part, entry, place)


def _question(task: str, part: Part, entry: _Entry, place: str) -> MluQuestion:
    asks, says = entry.turns
    parts = entry.image.split("/")
    if (asks.speaker, says.speaker) != ("human", "gpt"):
        raise odd_row("conversations: not a human and then a gpt turn", place)
    if len(parts) != 4 or parts[0] != PICTURES:
        raise odd_row(f"image: not {PICTURES}/<class>/<entity>/<file>", place)
    text = asks.text.removeprefix("<image>").strip()
    return MluQuestion(task, part, parts[1], parts[2], entry.image, text, says.text, place)
