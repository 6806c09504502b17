"""Names and picture of a request, as long as they are known, and the lines of files that hold them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.audit.commitment import read_opening
from siu.audit.traces import traces_of_name, traces_of_picture
from siu.data.intake.names import clean_aliases
from siu.errors import InputError
from siu.storage.durable import replace_bytes
from siu.storage.workspace import Workspace
from tasks.known_requests import records_of, table_rows

CONCEPTS = "concepts.jsonl"


@dataclass(frozen=True)
class Traces:
    """By what a request is known in files; empty where row, record and picture are gone already.

    Attributes:
        names: Forms of its names and aliases.
        picture: Forms of its picture's bytes.
        is_known: Whether the collection has the concept, which is then named in the data of others too.
    """

    names: tuple[bytes, ...] = ()
    picture: tuple[bytes, ...] = ()
    is_known: bool = False

    @property
    def telling(self) -> tuple[bytes, ...]:
        """What shows that a file is about the request, wherever it lies."""
        return self.picture if self.is_known else (*self.names, *self.picture)

    @property
    def all(self) -> tuple[bytes, ...]:
        """All forms."""
        return (*self.names, *self.picture)


def traces_of_request(workspace: Workspace, request_id: str, picture: Path | None) -> Traces:
    """Return by what a request is known in files."""
    names = names_of(workspace, request_id)
    known = {name.casefold() for name in _names_of_collection(workspace)}
    return Traces(
        tuple(dict.fromkeys(trace for name in names for trace in traces_of_name(name))),
        traces_of_picture(picture.read_bytes()) if picture is not None and picture.is_file() else (),
        any(name.casefold() in known for name in names),
    )


def names_of(workspace: Workspace, request_id: str) -> tuple[str, ...]:
    """Return the names and aliases that a request has in the table and the records, and had when served.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read, so nobody knows by what to look for it.
    """
    names: dict[str, None] = {}
    content = records_of(workspace).read().added.get(request_id)
    if content is not None:
        names |= dict.fromkeys((content.name, *content.aliases))
    opening = read_opening(workspace.state, request_id)
    served = opening.row if opening is not None and opening.row is not None else {}
    names |= dict.fromkeys((str(served.get("name", "")), *str(served.get("aliases", "")).split(";")))
    for row in table_rows(workspace):
        if row.request_id == request_id and row.row.fault is None:
            names[row.row["name"].strip()] = None
            try:
                names |= dict.fromkeys(clean_aliases(row.row["aliases"], row.row["name"]))
            except InputError:  # a row that was never served may have any text there
                names[row.row["aliases"].strip()] = None
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def line_files(workspace: Workspace) -> list[Path]:
    """Return the private files of JSON lines, which people's words and a judge's replies stand in."""
    files = [path for path in workspace.state.glob("*.jsonl") if path != workspace.ledger]
    return sorted(path for path in files if path.is_file() and not path.is_symlink())


def without_lines(file: Path, traces: Sequence[bytes], request_id: str = "") -> int:
    """Write a file of JSON lines anew without those that show something of a request; return how many went.

    Args:
        file: One that is not there has no lines.
        traces: What is looked for.
        request_id: Lines about this request go too.
    """
    if not file.is_file():
        return 0
    lines = file.read_bytes().splitlines(keepends=True)
    stay = [
        line
        for line in lines
        if not any(trace in line for trace in traces) and not (request_id and _is_about(line, request_id))
    ]
    if len(stay) < len(lines):
        replace_bytes(file, b"".join(stay))
    return len(lines) - len(stay)


def lines_about(file: Path, request_id: str) -> int:
    """Return how many lines of a file of JSON lines say that they are about a request."""
    lines = file.read_bytes().splitlines() if file.is_file() else []
    return sum(_is_about(line, request_id) for line in lines)


def _names_of_collection(workspace: Workspace) -> Iterator[str]:
    """Yield the names of the collection's concepts; a broken collection stops no purge."""
    file = workspace.collection(workspace.params()) / CONCEPTS
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        row = _object(line)
        yield str(row.get("name"))
        yield from map(str, row.get("aliases") or ())


def _is_about(line: bytes, request_id: str) -> bool:
    return bool(_object(line).get("request_id") == request_id)


def _object(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
