"""Replies of judges, kept by the content of what was asked."""

import json
from pathlib import Path

from siu.storage.digest import canonical_json, value_digest
from siu.storage.durable import append_bytes


class ReplyCache:
    """Replies in an append-only file of JSON lines; a torn last line is passed over.

    A blank reply is not kept: asked again, the judge may have more to say.

    Args:
        path: The file; None keeps replies in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._replies: dict[str, str] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:
                    continue  # a process died while it was writing
                if row["reply"].strip():
                    self._replies[row["key"]] = row["reply"]

    @staticmethod
    def key(identity: str, prompt: str) -> str:
        """Return the key of what a judge was asked."""
        return value_digest([identity, prompt])

    def get(self, key: str) -> str | None:
        """Return a kept reply."""
        return self._replies.get(key)

    def put(self, key: str, reply: str) -> None:
        """Keep a reply, on disk at once: a paid answer is never asked for twice."""
        if not reply.strip():
            return
        self._replies[key] = reply
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_bytes(self._path, b"\n" + canonical_json({"key": key, "reply": reply}).encode() + b"\n")
