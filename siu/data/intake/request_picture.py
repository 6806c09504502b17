"""The picture that a row of the table of requests names: where it lies, and whether it can be used."""

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

from siu.data.images import image_digest, is_constant, load_image
from siu.data.intake.names import without_direction_marks
from siu.data.intake.notes import Notes
from siu.data.intake.places import leads_out
from siu.data.intake.table import Row
from siu.errors import InputError


def picture_path(row: Row, notes: Notes) -> Path:
    """Return the picture's path, which lies below the table's folder with all links followed."""
    text, where = without_direction_marks(row["image"]), row.where("image")
    posix, windows = PurePosixPath(text), PureWindowsPath(text)
    if not text or len(text) > 1000 or any(unicodedata.category(one) in ("Cc", "Cs") for one in text):
        raise InputError("E-REQ-004", "no proper file name", "Name the picture's file", where)
    if "\\" in text or "://" in text or posix.is_absolute() or windows.drive or ".." in posix.parts:
        remedy = "Put the picture below the table's folder and write its path from there, with /"
        raise InputError("E-REQ-004", f"{text!r} is not a path below the table's folder", remedy, where)
    folder = row.file.parent
    path = _in_either_form(folder, text)
    if path != folder / posix:
        notes.add("the picture's file name composes its accents otherwise; it is the one meant", row.line)
    if leads_out(path, folder):
        raise InputError("E-REQ-004", f"{text!r} leads out of the folder", "Copy the picture here", where)
    return path


def _in_either_form(folder: Path, text: str) -> Path:
    """Return the path as written, or as another system composes its accents where only that is there."""
    forms = [text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))]
    return next((folder / form for form in forms if _is_there(folder / form)), folder / text)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a part of it is too long, or links run in a circle
        return False


def picture_digest(path: Path, row: Row, notes: Notes) -> str:
    """Return the digest of the picture's pixels."""
    try:
        image = load_image(path)
    except InputError as error:
        where = f"{row.where('image')} ({row['image']})"
        raise InputError(error.code, error.what, error.remedy, where) from None
    if is_constant(image):
        notes.add("the picture has a single colour; there is nothing to forget", row.line)
    return image_digest(image)
