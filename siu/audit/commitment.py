"""Keyed commitments to what a person sent in: they bind it, and say nothing once their key is destroyed.

The plain digest of a picture is personal data: who has a copy can confirm it. A commitment is an HMAC under a
random key of its own, which lies in ``state/commitments`` and can be handed to the person who asked. The row
that asks for it is bound in the same way.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.storage.digest import canonical_json
from siu.storage.durable import remove_file, replace_text

FOLDER = "commitments"


@dataclass(frozen=True)
class Opening:
    """What opens a commitment.

    Attributes:
        request_id: Whose.
        key: The random key.
        picture: Path of the picture, relative to the workspace where it lies in one.
        row: What the request asks for (`siu.audit.request_rows`); None in those of earlier versions.
        table: Path of the table or of the records it stands in, as that of the picture.
    """

    request_id: str
    key: bytes
    picture: str
    row: dict[str, Any] | None = None
    table: str = ""

    @property
    def text(self) -> str:
        """The opening as its file holds it, in its only form."""
        content: dict[str, Any] = {"key": self.key.hex(), "picture": self.picture}
        if self.row is not None:
            content |= {"row": self.row, "table": self.table}
        return canonical_json(content) + "\n"

    def commitment(self, content: bytes) -> str:
        """Return the commitment to a picture's bytes."""
        return hmac.new(self.key, b"siu picture v1\n" + content, "sha256").hexdigest()

    def commitment_to_row(self, row: Mapping[str, Any] | None) -> str:
        """Return the commitment to what a row asks for."""
        text = canonical_json(None if row is None else dict(row))
        return hmac.new(self.key, b"siu row v1\n" + text.encode(), "sha256").hexdigest()


def opening_file(state: Path, request_id: str) -> Path:
    """Return where a request's opening lies."""
    return state / FOLDER / f"{request_id}.json"


def read_opening(state: Path, request_id: str) -> Opening | None:
    """Return what opens a request's commitment; None where it is missing, destroyed or broken."""
    file = opening_file(state, request_id)
    try:
        text = file.read_text(encoding="utf-8")
        content: Any = json.loads(text)
        key, row = bytes.fromhex(content["key"]), content.get("row")
        opening = Opening(request_id, key, str(content["picture"]), row, str(content.get("table", "")))
        return opening if opening.text == text and not file.is_symlink() else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def write_opening(
    state: Path, request_id: str, picture: str, row: dict[str, Any] | None = None, table: str = ""
) -> Opening:
    """Write a new random key for a request's picture and row, readable by its owner only, and return it.

    Raises:
        OSError: It can't be written; the former one is still there.
    """
    opening = Opening(request_id, secrets.token_bytes(32), picture, row, table)
    file = opening_file(state, request_id)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_text(file, opening.text, mode=0o600)
    return opening


def destroy_opening(state: Path, request_id: str) -> None:
    """Remove what opens a request's commitment, and what a killed writer of it has left: key and row too."""
    remove_file(opening_file(state, request_id))
