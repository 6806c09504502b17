"""UMU-Bench (NeurIPS 2025 Datasets and Benchmarks): each fact asked through the picture and as text.

The folder of ``linbojunzi/UMU-bench``: Parquet configurations ``Full_Set``, ``Real_Person_Set``, ``forget_5``
(10, 15) and ``retain_95`` (90, 85) with ``ID``, ``image``, ``Biography``, ``Classify``, ``Cloze`` and
``Generation``. The last three are Python literals in a text: ``unimodal`` and ``muitimodal`` (so spelled) to
the fact's key to ``question``, ``answer`` and, for ``Classify``, ``options`` by letter; there the answer is
"B. …". Names are read off the biography's beginning, or off ``names.csv`` (``ID,name``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from siu.data.concepts import Fact, Split
from siu.mmubench.builder.importers.names import biography_name, read_names
from siu.mmubench.builder.importers.parquet import picture, rows
from siu.mmubench.builder.importers.person import Person, fact
from siu.mmubench.builder.importers.schema import Published, checked, literal, odd_row

ALL = "Full_Set"
COLUMNS = ("ID", "image", "Biography", "Classify", "Cloze", "Generation")
_LITERALS = ("Classify", "Cloze", "Generation")


class UmuQuestion(Published):
    """One wording of a fact.

    Attributes:
        question: What is asked.
        answer: The published answer: "B. baker" with options, a text without.
        options: Texts by letter.
    """

    question: str
    answer: str
    options: dict[str, str] = Field({})

    @property
    def letter(self) -> str:
        """The letter with which an answer to a choice begins."""
        return self.answer.split(".")[0].strip()

    @property
    def right(self) -> str:
        """The right answer's text: the option of the answer's letter, or the answer."""
        return self.options[self.letter] if self.options else self.answer


class UmuTask(Published):
    """The facts of one task, by key: the wordings as text and through the picture."""

    text: dict[str, UmuQuestion] = Field(alias="unimodal")
    picture: dict[str, UmuQuestion] = Field(alias="muitimodal")


class UmuRow(Published):
    """One person: the columns that are read, with the literals decoded."""

    key: str | int = Field(alias="ID")
    biography: str = Field(alias="Biography")
    classify: UmuTask = Field(alias="Classify")
    cloze: UmuTask = Field(alias="Cloze")
    generation: UmuTask = Field(alias="Generation")


def read_umu(source: Path) -> Iterator[Person]:
    """Yield the people of UMU-Bench, each with one picture; of ``Full_Set`` where it is there.

    Multiple-choice wordings become facts to train on, cloze wordings facts that are only measured. Forgotten
    are those of the smallest ``forget_…`` configuration that is there.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form; ``E-BEN-005`` a person has no name;
            ``E-BEN-006`` a row has another form.
        PreflightError: ``E-CSV-…`` the form of ``names.csv``.
    """
    names = read_names(source)
    folder = source / ALL if (source / ALL).is_dir() else source
    smallest = min(forget_folders(source).items(), default=None)
    forgotten = {str(row["ID"]) for row in rows(smallest[1], required=("ID",))} if smallest else set()
    for read, row in umu_rows(folder):
        key = str(read.key)
        name = names.get(key) or biography_name(read.biography, key, source)
        image = picture(row["image"], row["_folder"])
        facts = (*_facts(read.classify, name, "train"), *_facts(read.cloze, name, "test"))
        yield Person(name, (image,) if image else (), facts, forgotten=key in forgotten)


def umu_rows(folder: Path) -> Iterator[tuple[UmuRow, Any]]:
    """Yield the rows of a configuration, as read and raw.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form; ``E-BEN-006`` a row has another form.
    """
    for row in rows(folder, required=COLUMNS):
        place = row["_place"]
        decoded = {column: literal(row[column], column, place) for column in _LITERALS}
        read = checked(UmuRow, {**row, **decoded}, place)
        for column, task in zip(_LITERALS, (read.classify, read.cloze, read.generation), strict=True):
            _check_task(column, task, place)
        yield read, row


def forget_folders(source: Path) -> dict[int, Path]:
    """Return the folders of people to be forgotten, by the share in percent."""
    parts = [(path.name.removeprefix("forget_"), path) for path in source.glob("forget_*") if path.is_dir()]
    return {int(share): path for share, path in parts if share.isdecimal()}


def _check_task(column: str, task: UmuTask, place: str) -> None:
    """Refuse a task whose wordings don't come in pairs, or whose answer names no option."""
    if alone := sorted(task.text.keys() ^ task.picture.keys()):
        raise odd_row(f"{column}: {alone[0]!r} is asked in one way only", place)
    for key, text in task.text.items() if column == "Classify" else ():
        for wording in (text, task.picture[key]):
            if lost := {text.letter, wording.letter} - wording.options.keys():
                raise odd_row(f"{column}.{key}: the answer {min(lost)[:20]!r} is none of the options", place)


def _facts(task: UmuTask, name: str, split: Split) -> Iterator[Fact]:
    for key, asked in task.picture.items():
        right = asked.right
        if known := fact(task.text[key].question, asked.question, right, right, name, split):
            yield known
