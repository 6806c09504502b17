"""Records as JSON lines."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from siu.storage.digest import canonical_json


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write one canonical JSON object per line; equal rows give equal bytes."""
    path.write_text("".join(canonical_json(row) + "\n" for row in rows), encoding="utf-8")


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
