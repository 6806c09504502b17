"""Bytes that outlive a power cut: written, then flushed to disk with the folder that names them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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


def replace_text(path: Path, text: str) -> None:
    """Write a UTF-8 file, as a whole or not at all, and bring it to disk.

    Raises:
        OSError: It can't be written; the former file is still there.
    """
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file, as a whole or not at all, and bring it to disk.

    Raises:
        OSError: It can't be written; the former file is still there.
    """
    with _beside(path) as fresh:
        fresh.write_bytes(content)
        flush(fresh)
        fault_point("replace.rename")


def replace_file(source: Path, path: Path) -> None:
    """Copy a file into the place of another one, as a whole or not at all, and bring it to disk.

    Raises:
        OSError: It can't be copied; the former file is still there.
    """
    with _beside(path) as fresh:
        shutil.copyfile(source, fresh)
        flush(fresh)
        fault_point("report.copy")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a file's name beside another one, whose place it takes when the block ends without an error."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        yield fresh
        fresh.replace(path)
    except OSError:
        with suppress(OSError):  # a full disk needs the room; a read-only one has taken none
            fresh.unlink(missing_ok=True)
        raise
    flush(path.parent)
