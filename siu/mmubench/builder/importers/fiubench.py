"""FIUBench (Ma et al. 2024, arXiv 2411.03554): made-up faces with private facts.

The folder of ``gray311/FIUBench``: Parquet files, or ``full.json`` (a list, or one object a line) beside the
unpacked ``SFHQ.zip``. Columns ``image`` or ``image_path``, ``name`` and ``qa_list`` with ``question``,
``answer``, ``keywords`` and, for the measured wording, ``paraphrased_question``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from siu.data.concepts import Fact
from siu.errors import InputError
from siu.language.matching import mentions
from siu.mmubench.builder.importers.parquet import Row, pictures, rows
from siu.mmubench.builder.importers.person import Person, by_name, fact

JSON_FILE = "full.json"


def read_fiubench(source: Path) -> Iterator[Person]:
    """Yield the people of FIUBench; each has one picture.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form; ``E-BEN-005`` a person has no name.
    """
    has_json = (source / JSON_FILE).is_file()
    for number, row in enumerate(_json_rows(source) if has_json else rows(source, required=("qa_list",))):
        name = row.get("name")
        if not isinstance(name, str) or not name.strip():
            what = f"person {number + 1} has no name"
            raise InputError("E-BEN-005", what, "Fetch the data set's current version", str(source))
        image = row.get("image") or row.get("image_path")
        listed = row["qa_list"]
        entries = json.loads(listed) if isinstance(listed, str) else listed or ()
        facts = tuple(known for entry in entries for known in _facts(entry, name.strip()))
        yield Person(name.strip(), pictures([image], source), facts)


def _facts(entry: Mapping[str, Any], name: str) -> Iterator[Fact]:
    answer = str(entry.get("answer") or "")
    keyword = next((word for word in _texts(entry.get("keywords")) if mentions(answer, (word,))), "")
    paraphrased = _texts(entry.get("paraphrased_question"))[:1]
    for split, questions in (
        ("train", [str(entry.get("question") or "")]),
        ("test", paraphrased),
    ):
        for question in questions:
            text = by_name(question, name)
            if text and (known := fact(text, question, answer, keyword, name, split)):
                yield known


def _texts(value: Any) -> list[str]:
    """Return a list of texts from a list, a JSON list in a text, or one text."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = json.loads(value)
    return [value] if isinstance(value, str) else [str(text) for text in value or ()]


def _json_rows(source: Path) -> Iterator[Row]:
    path = source / JSON_FILE
    text = path.read_text(encoding="utf-8")
    whole = text.lstrip().startswith("[")
    for first, part in [(1, text)] if whole else enumerate(text.split("\n"), start=1):
        if not part.strip():
            continue
        try:
            content = json.loads(part)
        except json.JSONDecodeError as error:
            what = f"no JSON in line {first + error.lineno - 1}"
            raise InputError("E-BEN-004", what, "Fetch it again", str(path)) from None
        for row in content if whole else [content]:
            if "qa_list" not in row:
                raise InputError("E-BEN-004", "a person lacks qa_list", "Fetch it again", str(path))
            yield row
