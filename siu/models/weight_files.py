"""Weights files, checked by their headers: whole, plain safetensors, inside their folder.

A header says which tensors a file holds and how large it must be, so nothing else is read.
"""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from siu.errors import ModelError

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt")
_POINTER = b"version https://git-lfs.github.com/spec/"
_REMEDY = "Fetch the model again"

Shapes = dict[str, tuple[int, ...]]
"""Tensor name to shape."""


def check_weight_files(folder: Path) -> None:
    """Refuse weights that are pickled, torn, pointers, or named outside the folder.

    Args:
        folder: A model's folder, as `save_pretrained` writes it: one file, or shards with an index.

    Raises:
        ModelError: ``E-MOD-005`` there are no safetensors weights; ``030`` a file is a Git-LFS pointer;
            ``031`` a file is torn, or the index can't be used.
    """
    if (folder / SINGLE).is_file():
        header(folder / SINGLE)
    elif (folder / INDEX).is_file():
        _check_shards(folder)
    else:
        raise ModelError("E-MOD-005", _missing(folder), conversion("a model"), str(folder))


def header(file: Path, code: str = "E-MOD-031", remedy: str = _REMEDY) -> Shapes:
    """Return the shapes of a safetensors file's tensors; no weight is read.

    Args:
        file: The file; its size must be what the header says.
        code: Code of the error where it can't be read.
        remedy: What can be done about that.

    Raises:
        ModelError: It is a Git-LFS pointer, torn, or no safetensors file.
    """
    refuse_pointer(file)
    try:
        with safe_open(file, "pt") as weights:
            return {name: tuple(weights.get_slice(name).get_shape()) for name in weights.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(
            code, f"{file.name} is torn or no safetensors file ({error})", remedy, str(file)
        ) from error


def refuse_pointer(file: Path) -> None:
    """Refuse a file that Git LFS left in the place of the real one.

    Raises:
        ModelError: ``E-MOD-042``.
    """
    try:
        with file.open("rb") as content:
            start = content.read(len(_POINTER))
    except OSError as error:
        raise ModelError("E-MOD-031", f"{file.name} can't be read ({error})", _REMEDY, str(file)) from error
    if start == _POINTER:
        what = f"{file.name} is a Git-LFS pointer, not the file itself"
        raise ModelError("E-MOD-042", what, "Run `git lfs pull` where it was cloned", str(file))


def conversion(what: str) -> str:
    """Return how pickled weights become safetensors."""
    return (
        f"Pickles are never read: load {what} with the library that wrote it, in a place that can be thrown "
        "away, and save it with save_pretrained, which writes safetensors"
    )


def pickles(folder: Path) -> list[str]:
    """Return the names of the folder's pickled weights."""
    return sorted(file.name for file in folder.glob("*") if file.suffix in _PICKLES)


def _check_shards(folder: Path) -> None:
    """Check the index against the headers of the shards that it names."""
    shards: dict[str, set[str]] = {}
    for tensor, name in _weight_map(folder / INDEX).items():
        shards.setdefault(name, set()).add(tensor)
    for name, tensors in sorted(shards.items()):
        if not (folder / name).is_file():
            what = f"the shard {name} is missing"
            raise ModelError("E-MOD-031", what, _REMEDY, str(folder / INDEX))
        if lacking := sorted(tensors - header(folder / name).keys()):
            what = f"{name} lacks {len(lacking)} tensors that the index names, such as {lacking[0]}"
            raise ModelError("E-MOD-031", what, _REMEDY, str(folder / INDEX))


def _weight_map(index: Path) -> dict[str, str]:
    """Return tensor name to file name, each a plain name of a safetensors file."""
    refuse_pointer(index)
    try:
        content = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError("E-MOD-031", f"the index can't be read ({error})", _REMEDY, str(index)) from error
    names = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(names, dict) or not names:
        raise ModelError("E-MOD-031", "the index has no weight_map", _REMEDY, str(index))
    for name in names.values():
        if not _is_plain(name):
            what = f"the index names {name!r}, which is no safetensors file of this folder"
            raise ModelError("E-MOD-031", what, _REMEDY, str(index))
    return names


def _is_plain(name: object) -> bool:
    """Return whether a name is that of a safetensors file in the folder itself."""
    if not isinstance(name, str) or not name.endswith(".safetensors"):
        return False
    return not set(name) & set("/\\\0") and not name.startswith(".")


def _missing(folder: Path) -> str:
    names = pickles(folder)
    there = f", only pickled ones ({names[0]})" if names else f": neither {SINGLE} nor {INDEX}"
    return f"there are no safetensors weights{there}"
