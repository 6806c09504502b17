"""The auditor's program: ``python -m siu.audit FOLDER [--key KEY] [--checkpoint FILE] [--head HASH]``."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from siu.audit.audit import Audit, audit
from siu.audit.checkpoints import read_checkpoint_file
from siu.audit.note import PublicKey, read_key
from siu.errors import InputError, SiuError

DONE, FAULTS = 0, 2
LARGEST = 100_000
"""Bytes of a file of keys."""


def checked(folder: Path, key: str = "", checkpoint: Path | None = None, head: str | None = None) -> Audit:
    """Return an audit without faults.

    Args:
        folder: A workspace or a ledger's folder.
        key: A public key, or the file that holds some, a line each; empty to take the ledger's word.
        checkpoint: A checkpoint kept elsewhere.
        head: The hash of an entry kept elsewhere.

    Raises:
        TamperedError: All faults.
        InputError: ``E-LED-016`` no such folder, ``E-LED-011`` no checkpoint, ``E-KEY-001`` no key.
    """
    old = read_checkpoint_file(checkpoint) if checkpoint else None
    result = audit(folder, trusted_keys(key), old, head)
    result.raise_if_any()
    return result


def trusted_keys(key: str) -> tuple[PublicKey, ...]:
    """Return the keys in a text or in the file that it names.

    Raises:
        InputError: ``E-KEY-001`` there are none.
    """
    if not key:
        return ()
    if re.search(r"\+[0-9a-f]{8}\+", key):
        return (read_key(key),)
    try:
        with Path(key).open("rb") as file:
            text = file.read(LARGEST).decode()
    except (OSError, ValueError) as error:
        what = f"the public key can't be read ({type(error).__name__})"
        raise InputError("E-KEY-001", what, "Name the file, or write the key itself", key[:200]) from None
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError("E-KEY-001", "the file holds no key", "Write name+id+key in one line", key)
    return tuple(read_key(line, key) for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit a folder, print what was found, and return the exit code: 0 if all is well, 2 if not."""
    parser = argparse.ArgumentParser(prog="python -m siu.audit", description=__doc__)
    parser.add_argument("folder", type=Path, help="a workspace, or a copy of its state/ alone")
    parser.add_argument("--key", default="", help="a public key known from elsewhere, or its file")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint kept elsewhere")
    parser.add_argument("--head", help="the hash of an entry kept elsewhere")
    chosen = parser.parse_args(arguments)
    try:
        result = checked(chosen.folder, chosen.key, chosen.checkpoint, chosen.head)
    except SiuError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return FAULTS
    print("\n".join(result.lines))  # noqa: T201
    return DONE
