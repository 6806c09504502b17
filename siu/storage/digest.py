"""Digests that identify content: the key of every skip, folder and ledger entry."""

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys, no spaces and no NaN: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def value_digest(value: Any) -> str:
    """Return the sha256 of a JSON-like value's canonical form, as 64 hex digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """Return a digest of a folder's relative file names and contents, blind to order and times."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return value_digest([[path.relative_to(folder).as_posix(), file_digest(path)] for path in files])
