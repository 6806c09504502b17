"""FIUBench (Ma et al. 2024, arXiv 2411.03554): made-up faces with private facts.

The folder of ``gray311/FIUBench``: Parquet files, or ``full.json`` (a list, or one object a line) beside the
unpacked ``SFHQ.zip``. Columns ``image`` or ``image_path``, ``name`` and ``qa_list`` with ``question``,
``answer``, ``keywords`` and, for the measured wording, ``paraphrased_question``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from siu.data.concepts import Fact, Split
from siu.errors import InputError
from siu.language.matching import mentions
from siu.mmubench.builder.importers.parquet import Row, pictures, rows
from siu.mmubench.builder.importers.person import Person, by_name, fact
from siu.mmubench.builder.importers.schema import Published, checked, odd_row

JSON_FILE = "full.json"


def _decoded(value: object) -> object:
    """Return what a JSON list in a text says; anything else as it is."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        return json.loads(value)
    return value


def _texts(value: object) -> object:
    """Return a list of texts from a list, a JSON list in a text, one text or nothing."""
    decoded = _decoded(value)
    return [decoded] if isinstance(decoded, str) else decoded or ()


Decoded = BeforeValidator(_decoded)
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class _Entry(Published):
    question: str | None = None
    answer: str | None = None
    keywords: Texts = ()
    paraphrased: Texts = Field((), alias="paraphrased_question")


class _Row(Published):
    name: str | None = None
    entries: Annotated[tuple[_Entry, ...] | None, Decoded] = Field(alias="qa_list")


def read_fiubench(source: Path) -> Iterator[Person]:
    """Yield the people of FIUBench; each has one picture.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form; ``E-BEN-005`` a person has no name;
            ``E-BEN-006`` a row has another form.
    """
    has_json = (source / JSON_FILE).is_file()
    for row in _json_rows(source) if has_json else rows(source, required=("qa_list",)):
        read = checked(_Row, row, row["_place"])
        name = (read.name or "").strip()
        if not name:
            remedy = "Fetch the data set's current version"
            raise InputError("E-BEN-005", "a person has no name", remedy, row["_place"])
        facts = tuple(known for entry in read.entries or () for known in _facts(entry, name))
        yield Person(name, pictures([row.get("image") or row.get("image_path")], source), facts)


def _facts(entry: _Entry, name: str) -> Iterator[Fact]:
    answer = entry.answer or ""
    keyword = next((word for word in entry.keywords if mentions(answer, (word,))), "")
    wordings: tuple[tuple[Split, tuple[str, ...]], ...] = (
        ("train", (entry.question or "",)),
        ("test", entry.paraphrased[:1]),
    )
    for split, questions in wordings:
        for question in questions:
            text = by_name(question, name)
            if text and (known := fact(text, question, answer, keyword, name, split)):
                yield known


def _json_rows(source: Path) -> Iterator[Row]:
    path = source / JSON_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("E-BEN-004", "the file is not UTF-8", "Fetch it again", str(path)) from None
    whole = text.lstrip().startswith("[")
    for first, part in [(1, text)] if whole else enumerate(text.split("\n"), start=1):
        if not part.strip():
            continue
        try:
            content = json.loads(part)
        except json.JSONDecodeError as error:
            what = f"no JSON in line {first + error.lineno - 1}"
            raise InputError("E-BEN-004", what, "Fetch it again", str(path)) from None
        for number, row in enumerate(content if whole else [content], start=1 if whole else first):
            place = f"{path}, {'entry' if whole else 'line'} {number}"
            if not isinstance(row, dict):
                raise odd_row("the row is no object", place)
            yield {**row, "_place": place}
