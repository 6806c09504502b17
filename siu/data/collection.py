"""A collection: concepts and pictures in a folder, the one form in which data enters the method.

Layout: ``concepts.jsonl`` and ``pictures.jsonl`` (one record of `siu.data.concepts` per line) and the picture
files they name. The embedded concept world and a user's own folders both become collections.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from siu.data.concepts import Concept, Fact, Picture, PictureQuestion, Role, Split, Wording
from siu.errors import InputError
from siu.storage.digest import file_digest
from siu.storage.jsonl import read_jsonl, write_jsonl


@dataclass(frozen=True)
class Collection:
    """Concepts and pictures below one folder.

    Attributes:
        folder: Where the picture files lie.
        concepts: All concepts, in file order.
        pictures: All pictures, in file order.
    """

    folder: Path
    concepts: tuple[Concept, ...]
    pictures: tuple[Picture, ...]

    def concept(self, concept_id: str) -> Concept:
        """Return the concept with this id.

        Raises:
            InputError: No concept has the id.
        """
        for concept in self.concepts:
            if concept.id == concept_id:
                return concept
        raise InputError(
            "E-COL-001", f"no concept has the id {concept_id!r}", "See concepts.jsonl", str(self.folder)
        )

    def pictures_of(
        self, concept_id: str | None = None, *, role: Role = "concept", split: Split = "test"
    ) -> tuple[Picture, ...]:
        """Return the pictures of a role and split, in file order.

        Args:
            concept_id: Only pictures that show this concept or, for look-alikes, resemble it; None for all.
            role: What the pictures are for.
            split: Which side of the train/test split.
        """
        return tuple(
            picture
            for picture in self.pictures
            if picture.role == role
            and picture.split == split
            and (concept_id is None or concept_id in picture.concepts or picture.resembles == concept_id)
        )

    def path(self, picture: Picture) -> Path:
        """Return where a picture's file lies."""
        return self.folder / picture.file


def save_collection(folder: Path, concepts: Iterable[Concept], pictures: Iterable[Picture]) -> None:
    """Write ``concepts.jsonl`` and ``pictures.jsonl``; the picture files are already there."""
    write_jsonl(folder / "concepts.jsonl", (asdict(concept) for concept in concepts))
    write_jsonl(folder / "pictures.jsonl", (asdict(picture) for picture in pictures))


def load_collection(folder: Path) -> Collection:
    """Read a collection.

    Raises:
        InputError: A file is missing, or a picture differs from its digest.
    """
    for name in ("concepts.jsonl", "pictures.jsonl"):
        if not (folder / name).is_file():
            raise InputError("E-COL-002", f"{name} is missing", "Run `siu prepare` first", str(folder))
    concepts = tuple(_concept(row) for row in read_jsonl(folder / "concepts.jsonl"))
    pictures = tuple(_picture(row) for row in read_jsonl(folder / "pictures.jsonl"))
    for picture in pictures:
        path = folder / picture.file
        if not path.is_file() or file_digest(path) != picture.digest:
            raise InputError(
                "E-COL-003", "the picture is missing or changed", "Run `siu prepare` again", str(path)
            )
    return Collection(folder, concepts, pictures)


def _concept(row: dict[str, Any]) -> Concept:
    facts = tuple(Fact(**fact) for fact in row.pop("facts"))
    wordings = tuple(Wording(**wording) for wording in row.pop("wordings", ()))
    return Concept(**{**row, "aliases": tuple(row["aliases"]), "facts": facts, "wordings": wordings})


def _picture(row: dict[str, Any]) -> Picture:
    questions = tuple(PictureQuestion(**question) for question in row.pop("questions"))
    return Picture(**{**row, "concepts": tuple(row["concepts"]), "questions": questions})
