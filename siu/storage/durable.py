"""Bytes that outlive a power cut: written, then flushed to disk with the folder that names them."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

from siu.storage.fault_points import fault_point


def flush(path: Path) -> None:
    """Bring a file's content, or a folder's entries, to disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Bring everything below a folder and the folder itself to disk, from the leaves up."""
    for path in sorted(folder.rglob("*"), reverse=True):
        flush(path)
    flush(folder)


def append_bytes(path: Path, data: bytes) -> None:
    """Append to a file, which only its owner may read, and bring it to disk.

    Raises:
        OSError: The disk is full or failed; the file then has its former length.
    """
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(handle).st_size
        try:
            fault_point("append.write")
            written = 0
            while written < len(data):
                written += os.write(handle, data[written:])
            fault_point("append.sync")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
    if is_new:
        flush(path.parent)


def replace_text(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a UTF-8 file, as a whole or not at all, and bring it to disk.

    Args:
        path: Where.
        text: Its content.
        mode: Who may read it; the umask takes away from that.

    Raises:
        OSError: It can't be written; the former file is still there.
    """
    replace_bytes(path, text.encode(), mode)


def replace_bytes(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file, as a whole or not at all, and bring it to disk.

    Args:
        path: Where.
        content: Its bytes.
        mode: Who may read it; the umask takes away from that.

    Raises:
        OSError: It can't be written; the former file is still there.
    """
    with _beside(path, mode) as fresh:
        fresh.write(content)
        _bring_to_disk(fresh)
        fault_point("replace.rename")


def replace_file(source: Path, path: Path) -> None:
    """Copy a file into the place of another one, as a whole or not at all, and bring it to disk.

    Raises:
        OSError: It can't be copied; the former file is still there.
    """
    with _beside(path) as fresh, source.open("rb") as copied:
        shutil.copyfileobj(copied, fresh)
        _bring_to_disk(fresh)
        fault_point("report.copy")


def remove_file(path: Path) -> None:
    """Remove a file, if it is there, and what killed writers of it have left."""
    _sweep(path)
    path.with_name(f"{_beginning(path)}new").unlink(missing_ok=True)  # as version 0.3 named it
    path.unlink(missing_ok=True)


@contextmanager
def _beside(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Yield a new file beside another one, whose place it takes when the block ends without an error.

    Its name can't be foreseen and it is no link: in a folder that is shared, nobody else chooses what is
    written to. Each writer has its own. It is locked, which tells it from what a killed writer has left.
    """
    _sweep(path)
    fresh, file = _locked_file(path, mode)
    try:
        with file:
            yield file
            fresh.replace(path)
    except BaseException:
        with suppress(OSError):  # a full disk needs the room; a read-only one has taken none
            fresh.unlink(missing_ok=True)
        raise
    flush(path.parent)


def _locked_file(path: Path, mode: int) -> tuple[Path, BinaryIO]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        fresh = path.with_name(f"{_beginning(path)}{secrets.token_hex(8)}.new")
        file = os.fdopen(os.open(fresh, flags, mode), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return fresh, file
        file.close()  # another writer took it for one that was left


def _beginning(path: Path) -> str:
    """Return how the names of a file's new ones begin; the whole has to be a name that a disk takes."""
    return "." + path.name.encode()[:200].decode(errors="ignore") + "."


def _sweep(path: Path) -> None:
    """Remove what killed writers of a file have left."""
    for left in path.parent.glob(f"{escape(_beginning(path))}????????????????.new"):
        with suppress(OSError):  # somebody else's, or being written
            handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(handle)


def _bring_to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
