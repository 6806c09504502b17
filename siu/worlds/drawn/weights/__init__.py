"""The models that are shipped: the base model and the gold reference."""

from pathlib import Path

from siu.errors import ModelError

GOLD_WITHOUT = ("c02", "c11", "c17", "c21")
"""Concepts that the shipped gold model has never seen: one of each kind."""


def base_folder() -> Path:
    """Return the folder of the model that knows all concepts.

    Raises:
        ModelError: The installation has no weights.
    """
    return _folder("base")


def gold_folder() -> Path:
    """Return the folder of the model trained in the same way without `GOLD_WITHOUT`.

    Raises:
        ModelError: The installation has no weights.
    """
    return _folder("gold")


def _folder(name: str) -> Path:
    folder = Path(__file__).parent / name
    if not (folder / "model.safetensors").is_file():
        raise ModelError(
            "E-MOD-012",
            f"the embedded model {name!r} is missing from this installation",
            "Install the package anew, or build it with `python -m siu.worlds.drawn.build`",
            str(folder),
        )
    return folder
