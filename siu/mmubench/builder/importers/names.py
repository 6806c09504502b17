"""Names of people where no column holds them: the beginning of a biography, or a table of one's own."""

import re
from pathlib import Path

from siu.data.intake.table import read_table
from siu.errors import InputError
from siu.problems import Problems

_NAME = re.compile(r"(?:Name:\s*)?([A-ZÀ-Þ][\w'’.-]+(?: (?:[A-ZÀ-Þ][\w'’.-]*|de|da|van|von|bin|al|el|la))+)")
TABLE = "names.csv"


def read_names(source: Path) -> dict[str, str]:
    """Return the names of ``names.csv`` by ID; none without the file.

    Raises:
        PreflightError: ``E-CSV-…`` the table's form.
    """
    problems = Problems()
    path = source / TABLE
    table = read_table(path, required=("ID", "name"), problems=problems) if path.is_file() else []
    problems.raise_if_any()
    return {row["ID"]: row["name"] for row in table}


def biography_name(biography: str, key: str, source: Path) -> str:
    """Return the name at a biography's beginning: "Ava Thompson was born …".

    Raises:
        InputError: ``E-BEN-005`` it doesn't begin with a name.
    """
    match = _NAME.match(biography.strip())
    if match is None:
        raise nameless(f"the biography of {key} doesn't begin with a name", source)
    return match.group(1)


def nameless(what: str, source: Path) -> InputError:
    """Return the error for somebody without a name."""
    return InputError("E-BEN-005", what, f"Write {TABLE} with the columns ID and name", str(source))
