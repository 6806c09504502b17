"""The tables of a user's own folder: concepts, facts, questions about pictures, group pictures."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from siu.data.concepts import Concept, Fact, Kind, PictureQuestion, Split
from siu.data.intake.names import clean_aliases, clean_name, name_key
from siu.data.intake.table import Row, read_table
from siu.errors import InputError
from siu.language.identity import named
from siu.language.matching import mentions
from siu.problems import Problems

MAX_TEXT = 1000
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_FACT_TEXTS = ("text_question", "picture_question", "answer", "keyword")

Questions = dict[str, tuple[PictureQuestion, ...]]


def read_concepts(source: Path, problems: Problems) -> tuple[Concept, ...]:
    """Return the concepts of ``concepts.csv`` with the facts of ``facts.csv``, where that is there."""
    concepts: dict[str, Concept] = {}
    names: dict[str, Row] = {}
    columns = {"required": ("id", "name"), "optional": ("kind", "aliases")}
    for row in read_table(source / "concepts.csv", **columns, problems=problems):
        with problems.noted():
            concept = _concept(row)
            if concept.id in concepts:
                raise InputError("E-COL-102", "the id is used twice", "Use another one", row.where("id"))
            concepts[concept.id] = concept
            for name in (concept.name, *concept.aliases):
                earlier = names.setdefault(name_key(name), row)
                if earlier is not row:
                    what = f"line {earlier.line} has the name or alias {name!r} too"
                    problems.add(InputError("E-COL-103", what, "Tell the names apart", row.where("name")))
    facts = _read_facts(source, concepts, problems)
    return tuple(replace(concept, facts=tuple(facts[concept.id])) for concept in concepts.values())


def read_questions(source: Path, problems: Problems) -> tuple[Questions, dict[str, Row]]:
    """Return the questions of ``questions.csv`` by picture, and the row that first names each picture."""
    questions: defaultdict[str, list[PictureQuestion]] = defaultdict(list)
    rows: dict[str, Row] = {}
    if (source / "questions.csv").exists():
        columns = {"required": ("file", "question", "answer", "keyword"), "optional": ("language",)}
        for row in read_table(source / "questions.csv", **columns, problems=problems):
            rows.setdefault(row["file"], row)
            with problems.noted():
                question, answer, keyword = (
                    cell_text(row, name) for name in ("question", "answer", "keyword")
                )
                _check_keyword(row, answer, keyword)
                questions[row["file"]].append(PictureQuestion(question, answer, keyword, _language(row)))
    return {file: tuple(found) for file, found in questions.items()}, rows


def read_groups(source: Path, concepts: dict[str, Concept], problems: Problems) -> dict[str, Row]:
    """Return the rows of ``groups.csv`` by picture; left and right name two different concepts."""
    groups: dict[str, Row] = {}
    if (source / "groups.csv").exists():
        for row in read_table(source / "groups.csv", required=("file", "left", "right"), problems=problems):
            for side in ("left", "right"):
                with problems.noted():
                    check_known(row, side, concepts)
            if row["left"] == row["right"] or row["file"] in groups:
                what = "left and right are the same, or the file has a row already"
                problems.add(InputError("E-COL-113", what, "Write one row per picture", row.where("file")))
            groups[row["file"]] = row
    return groups


def _concept(row: Row) -> Concept:
    if not _ID.fullmatch(row["id"]):
        remedy = "Use 1 to 40 of a-z, 0-9 and -, and nothing that tells who is meant"
        raise InputError("E-COL-102", f"{row['id'][:60]!r} is not a concept id", remedy, row.where("id"))
    kind = row["kind"].casefold() or "other"
    if kind not in get_args(Kind):
        remedy = "Use one of " + ", ".join(get_args(Kind))
        raise InputError("E-COL-104", f"unknown kind {kind[:60]!r}", remedy, row.where("kind"))
    name = clean_name(row["name"], row.where("name"))
    return Concept(
        row["id"], name, cast(Kind, kind), clean_aliases(row["aliases"], name, row.where("aliases"))
    )


def _read_facts(
    source: Path, concepts: dict[str, Concept], problems: Problems
) -> defaultdict[str, list[Fact]]:
    facts: defaultdict[str, list[Fact]] = defaultdict(list)
    if (source / "facts.csv").exists():
        columns = {"required": ("concept", *_FACT_TEXTS), "optional": ("split", "language")}
        for row in read_table(source / "facts.csv", **columns, problems=problems):
            with problems.noted():
                check_known(row, "concept", concepts)
                facts[row["concept"]].append(_fact(row, concepts[row["concept"]]))
    return facts


def _fact(row: Row, concept: Concept) -> Fact:
    text_question, picture_question, answer, keyword = (cell_text(row, name) for name in _FACT_TEXTS)
    _check_keyword(row, answer, keyword)
    if named(picture_question, (concept.name, *concept.aliases)):
        remedy = "Write for instance: the person in the picture"
        raise InputError(
            "E-COL-111",
            "the question about the picture tells the name",
            remedy,
            row.where("picture_question"),
        )
    split = row["split"] or "train"
    if split not in get_args(Split):
        raise InputError(
            "E-COL-112", f"unknown split {split[:60]!r}", "Use train or test", row.where("split")
        )
    return Fact(text_question, picture_question, answer, keyword, cast(Split, split), _language(row))


def check_known(row: Row, column: str, concepts: dict[str, Concept]) -> None:
    """Refuse a cell that holds no concept's id (``E-COL-109``)."""
    if row[column] not in concepts:
        what = f"no concept has the id {row[column][:60]!r}"
        raise InputError("E-COL-109", what, "Write an id of concepts.csv", row.where(column))


def _check_keyword(row: Row, answer: str, keyword: str) -> None:
    if not mentions(answer, [keyword]):
        what = f"the answer doesn't hold the keyword {keyword[:60]!r} as whole words"
        raise InputError("E-COL-110", what, "Take words of the answer", row.where("keyword"))


def cell_text(row: Row, column: str) -> str:
    """Return a question or answer in NFC: not empty, not too long, no control characters."""
    text = unicodedata.normalize("NFC", row[column])
    if not text or len(text) > MAX_TEXT or any(unicodedata.category(one) in ("Cc", "Cs") for one in text):
        what = "the text is empty, too long or holds control characters"
        raise InputError(
            "E-COL-114", what, f"Write 1 to {MAX_TEXT} characters on one line", row.where(column)
        )
    return text


def _language(row: Row) -> str:
    language = row["language"] or "en"
    if not _LANGUAGE.fullmatch(language):
        what = f"{language[:60]!r} is no language code"
        raise InputError("E-COL-112", what, "Write a BCP 47 code such as en or zh", row.where("language"))
    return language
