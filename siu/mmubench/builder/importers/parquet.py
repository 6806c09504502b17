"""Rows of a Hugging Face data set: Parquet files whose pictures are structs of ``bytes`` and ``path``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from siu.errors import InputError

Row = Mapping[str, Any]
_ROWS_AT_ONCE = 64


def rows(folder: Path, *, required: Sequence[str], others: bool = False) -> Iterator[Row]:
    """Yield the rows of all Parquet files below a folder, file by file; pictures are not kept in memory.

    Each row also has ``_folder``, where its file lies, and ``_place``: the file and the row's number.

    Args:
        folder: The data set's folder, or that of one of its configurations.
        required: Columns that a file must have.
        others: Pass over files that lack one, as long as one file has them all.

    Raises:
        InputError: ``E-BEN-004`` there is no Parquet file, it is broken, or it lacks a column.
    """
    import pyarrow
    from pyarrow import parquet

    files = sorted(folder.rglob("*.parquet"))
    if not files:
        remedy = "Name the folder as Hugging Face lays it out"
        raise InputError("E-BEN-004", "there is no Parquet file below the folder", remedy, str(folder))
    lacking: InputError | None = None
    read = 0
    for path in files:
        try:
            opened = parquet.ParquetFile(path)
        except (pyarrow.ArrowInvalid, OSError) as error:
            what = f"the file is no Parquet file ({type(error).__name__})"
            raise InputError("E-BEN-004", what, "Fetch it again", str(path)) from None
        with opened:
            missing = [name for name in required if name not in opened.schema_arrow.names]
            if missing:
                what = f"the file lacks the column(s) {', '.join(missing)}"
                lacking = InputError("E-BEN-004", what, "Name the data set's own folder", str(path))
                if not others:
                    raise lacking
                continue
            read += 1
            batches = opened.iter_batches(batch_size=_ROWS_AT_ONCE)
            listed = (row for batch in batches for row in batch.to_pylist())
            for number, row in enumerate(listed, start=1):
                yield {**row, "_folder": path.parent, "_place": f"{path}, row {number}"}
    if lacking and not read:
        raise lacking


def picture(value: Any, folder: Path) -> bytes | None:
    """Return an encoded picture from a struct of ``bytes`` and ``path``, or a path; None without any.

    A path is only followed below the data set's folder.
    """
    if isinstance(value, Mapping):
        if isinstance(value.get("bytes"), bytes) and value["bytes"]:
            return bytes(value["bytes"])
        value = value.get("path")
    if not isinstance(value, str) or not value or "\0" in value:
        return None
    path = (folder / value).resolve()
    return path.read_bytes() if path.is_relative_to(folder.resolve()) and path.is_file() else None


def pictures(values: Iterable[Any], folder: Path) -> tuple[bytes, ...]:
    """Return those of several pictures that are there."""
    return tuple(image for value in values if (image := picture(value, folder)) is not None)
