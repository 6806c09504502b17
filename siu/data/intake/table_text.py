"""The text of a table as spreadsheets save it: which encoding, which separator."""

import csv
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from siu.data.intake.notes import Notes
from siu.errors import InputError

MAX_BYTES = 10_000_000
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_WESTERN_SIGNS = frozenset("‘’‚“”„–—…«»‹›·•€°ªº´¨\u00a0¿¡")
_REMEDY = "Save it as CSV in UTF-8"


@dataclass(frozen=True)
class TableText:
    """A table's decoded text.

    Attributes:
        text: What stands in the file, without a byte order mark.
        encoding: ``utf-8``, ``utf-8-sig`` (with a byte order mark), ``utf-16`` or ``cp1252``.
        separator: What stands between two cells of a row.
    """

    text: str
    encoding: str
    separator: str

    def lines(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Yield the first line number and the cells of each row that is not empty.

        Raises:
            InputError: ``E-CSV-004`` a quote is not closed, or a cell is too long; rows before it come first.
        """
        return _lines(path, self.text, self.separator)


def read_table_text(path: Path, is_header: Callable[[list[str]], bool], notes: Notes) -> TableText:
    """Read a table's file; another encoding than UTF-8 and another separator than the comma are noted.

    Args:
        path: The file.
        is_header: Tells whether the cells of the first row are the table's columns; decides the separator.
        notes: Takes what was read differently.

    Raises:
        InputError: ``E-CSV-001`` the file is missing or too large, ``002`` its encoding is not clear.
    """
    text, encoding = _decoded(_content(path), str(path))
    if encoding == "utf-16":
        notes.add("the table is in UTF-16, not UTF-8")
    if encoding == "cp1252":
        notes.add("the table is not in UTF-8 and was read as Windows-1252; see that its names are right")
    separator = next((sign for sign in SEPARATORS if is_header(_first_row(text, sign))), ",")
    if separator != ",":
        notes.add(f"the cells are separated by {SEPARATORS[separator]}, not commas")
    return TableText(text, encoding, separator)


def _content(path: Path) -> bytes:
    where = str(path)
    if not path.is_file():
        raise InputError("E-CSV-001", "the file is missing or not a file", "Create it as CSV", where)
    if path.stat().st_size > MAX_BYTES:
        raise InputError("E-CSV-001", f"the file is larger than {MAX_BYTES} bytes", "Split the file", where)
    return path.read_bytes()


def _decoded(content: bytes, where: str) -> tuple[str, str]:
    if content.startswith(_UTF_16_MARKS):
        try:
            text, encoding = content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            what = f"not UTF-16 at byte {error.start}, though it begins like that"
            raise InputError("E-CSV-002", what, _REMEDY, where) from None
    else:
        try:
            text = content.decode("utf-8-sig")
            encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
        except UnicodeDecodeError as error:
            text, encoding = _western(content, error, where), "cp1252"
    if "\0" in text:
        raise InputError("E-CSV-002", "the file holds NUL characters", _REMEDY, where)
    return text, encoding


def _western(content: bytes, error: UnicodeDecodeError, where: str) -> str:
    """Return the text in Windows-1252 where nothing else is likely.

    Every byte but five has a character in it, also where the file is in Cyrillic, Greek, Chinese or Japanese.
    Those give words of accented letters only, and signs between letters; no Western name is spelled so.
    """
    remedy = f"{_REMEDY} (in Excel: CSV UTF-8)"
    problem = InputError("E-CSV-002", f"not UTF-8 at byte {error.start}", remedy, where)
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise problem from None
    letters = 0
    plain = 0
    for word in _words(text):
        accented = sum(not character.isascii() for character in word)
        if accented:
            letters, plain = letters + len(word), plain + len(word) - accented
    signs = (one for one in text if not one.isascii() and not _is_letter(one))
    if any(sign not in _WESTERN_SIGNS for sign in signs) or 2 * plain < letters:
        raise problem
    return text


def _words(text: str) -> list[str]:
    return "".join(character if _is_letter(character) else " " for character in text).split()


def _is_letter(character: str) -> bool:
    return unicodedata.category(character).startswith("L") and character not in "ªº"


def _first_row(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _lines(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = 'Close every quote; write a quote inside a cell as ""'
        raise InputError("E-CSV-004", f"broken row: {error}", remedy, f"{path}:{line}") from None
