"""From a user's own folder to a collection; the layout is described in ``docs/how-to/own-data.md``."""

import shutil
import uuid
from collections import Counter
from pathlib import Path

from siu.data.collection import Collection, load_collection, save_collection
from siu.data.concepts import Picture, PictureQuestion
from siu.data.images import image_digest, load_image, save_clean_png
from siu.data.intake.collection_pictures import Found, find_pictures
from siu.data.intake.collection_tables import read_concepts, read_groups, read_questions
from siu.data.intake.places import leads_out
from siu.data.intake.wordings import with_wordings
from siu.errors import InputError
from siu.problems import Problems
from siu.storage.digest import file_digest
from siu.storage.durable import flush_tree


def import_folder(source: Path, folder: Path) -> Collection:
    """Read and check a user's folder and write it as a collection.

    Pictures are re-encoded without metadata under numbers, as file names tend to tell names. The collection
    appears as a whole or not at all.

    Args:
        source: Holds ``concepts.csv`` and ``pictures/``; it is only read.
        folder: Where the collection goes; absent or empty.

    Raises:
        PreflightError: All problems at once: ``E-COL-101`` to ``119``, ``E-CSV-…`` the tables' form,
            ``E-NAM-…`` names, ``E-IMG-…`` pictures (docs/reference/errors.md).
    """
    _check_places(source, folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    partial.mkdir()
    try:
        _build(source, partial)
        flush_tree(partial)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return load_collection(folder)


def _check_places(source: Path, folder: Path) -> None:
    problems = Problems()
    if not source.is_dir():
        remedy = "See docs/how-to/own-data.md"
        problems.add(InputError("E-COL-101", "the folder is missing", remedy, str(source)))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        remedy = "Remove it, or name another one"
        problems.add(InputError("E-COL-101", "the place of the collection is taken", remedy, str(folder)))
    problems.raise_if_any()


def _build(source: Path, partial: Path) -> None:
    """Check everything and write what is sound; raise at the end if anything was not."""
    problems = Problems()
    concepts = with_wordings(source, read_concepts(source, problems), problems)
    by_id = {concept.id: concept for concept in concepts}
    groups = read_groups(source, by_id, problems)
    questions, rows = read_questions(source, problems)
    pictures: list[Picture] = []
    first_of: dict[str, Path] = {}
    count: Counter[str] = Counter()
    for found in find_pictures(source / "pictures", by_id, groups, problems):
        name = found.path.relative_to(source / "pictures").as_posix()
        rows.pop(name, None)
        with problems.noted():
            file, pixels = _copy(found, source, partial, count)
            earlier = first_of.setdefault(pixels, found.path)
            if earlier != found.path:
                what = f"the same picture as {earlier}"
                remedy = "Keep one; train and test, and all concepts, need pictures of their own"
                raise InputError("E-COL-108", what, remedy, str(found.path))
            pictures.append(_picture(found, file, file_digest(partial / file), questions.get(name, ())))
    for row in rows.values():
        what = f"there is no picture {row['file'][:60]!r}"
        remedy = "Write its path below pictures/, such as c-1/test/a.jpg"
        problems.add(InputError("E-COL-115", what, remedy, row.where("file")))
    problems.raise_if_any()
    save_collection(partial, concepts, pictures)


def _copy(found: Found, source: Path, partial: Path, count: Counter[str]) -> tuple[str, str]:
    """Re-encode a picture into the collection; return its new file name and the digest of its pixels."""
    if leads_out(found.path, source):
        remedy = "Copy the picture into the folder"
        raise InputError("E-COL-116", "a link leads out of the folder", remedy, str(found.path))
    image = load_image(found.path)
    count[found.shelf] += 1
    file = f"pictures/{found.shelf}/{count[found.shelf]:04}.png"
    (partial / file).parent.mkdir(parents=True, exist_ok=True)
    save_clean_png(image, partial / file)
    return file, image_digest(image)


def _picture(found: Found, file: str, digest: str, questions: tuple[PictureQuestion, ...]) -> Picture:
    return Picture(
        file=file,
        digest=digest,
        role=found.role,
        split=found.split,
        kind=found.kind,
        concepts=found.concepts,
        resembles=found.resembles,
        questions=questions,
    )
