"""The tables of a benchmark, in the form of docs/how-to/own-data.md."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from siu.data.concepts import Concept, PictureQuestion
from siu.mmubench.builder.looks import Looks
from siu.mmubench.builder.source import Source

Row = Sequence[str]


def write_tables(folder: Path, concepts: Sequence[Concept]) -> None:
    """Write the tables of concepts, facts and wordings."""
    rows = [(concept.id, concept.name, concept.kind, ";".join(concept.aliases)) for concept in concepts]
    write_csv(folder / "concepts.csv", ("id", "name", "kind", "aliases"), rows)
    write_csv(folder / "facts.csv", FACTS, [row for concept in concepts for row in _facts(concept)])
    wordings = [
        (concept.id, wording.purpose, wording.text) for concept in concepts for wording in concept.wordings
    ]
    write_csv(folder / "wordings.csv", ("concept", "purpose", "question"), wordings)


def write_picture_tables(
    source: Source, folder: Path, concepts: Sequence[Concept], pictures: Mapping[str, tuple[str, Looks]]
) -> None:
    """Write the tables of group pictures and questions about pictures, and requests for all concepts.

    Group pictures that show a concept which is not there are removed, and so are questions about them.

    Args:
        source: Whose group pictures, and questions about pictures that were taken over, are kept.
        folder: Holds the pictures; the tables go there too.
        concepts: The concepts that are there.
        pictures: File below ``pictures`` of the concepts to its split and the questions about its looks.
    """
    ids = {concept.id for concept in concepts}
    groups = [(file, row["left"], row["right"]) for file, row in source.groups.items()]
    groups = [(file, left, right) for file, left, right in groups if {left, right} <= ids]
    gone = source.groups.keys() - {file for file, _, _ in groups}
    for path in sorted((folder / "pictures" / "_groups").glob("*")):
        if path.name in gone:
            path.unlink()
    write_csv(folder / "groups.csv", ("file", "left", "right"), groups)
    looks = [row for file, (split, look) in pictures.items() for row in _looks(file, split, look)]
    own_tables = [
        _question_row(file, question)
        for file, questions in source.questions.items()
        if (folder / "pictures" / file).is_file()
        for question in questions
    ]
    write_csv(folder / "questions.csv", QUESTIONS, [*looks, *own_tables])
    trained = {
        file.split("/")[0]: f"pictures/{file}" for file, (split, _) in pictures.items() if split == "train"
    }
    requests = [
        (f"r-{number:03}", concept.name, concept.kind, trained[concept.id])
        for number, concept in enumerate(concepts)
        if concept.id in trained
    ]
    write_csv(folder / "requests.csv", REQUESTS, requests)


FACTS = ("concept", "text_question", "picture_question", "answer", "keyword", "split", "language")
REQUESTS = ("request_id", "name", "kind", "image")
QUESTIONS = ("file", "question", "answer", "keyword", "language")


def write_csv(path: Path, header: Row, rows: Iterable[Row]) -> None:
    """Write a table as the intake reads it; none without rows."""
    body = list(rows)
    if body:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *body])


def _facts(concept: Concept) -> list[Row]:
    return [
        (
            concept.id,
            fact.text_question,
            fact.picture_question,
            fact.answer,
            fact.keyword,
            fact.split,
            fact.language,
        )
        for fact in concept.facts
    ]


def _looks(file: str, split: str, looks: Looks) -> list[Row]:
    return [
        _question_row(file, question) for question in (looks.trained if split == "train" else looks.measured)
    ]


def _question_row(file: str, question: PictureQuestion) -> Row:
    return (file, question.question, " ".join(question.answer.split()), question.keyword, question.language)
