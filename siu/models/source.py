"""Where a base model comes from, checked by its configuration before any weight is read."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from siu.config.params import BaseModelParams
from siu.errors import ModelError
from siu.models.adapter_card import EMBEDDED
from siu.models.architectures import ARCHITECTURES
from siu.models.weight_files import check_weight_files, refuse_pointer
from siu.registry import WORLDS
from siu.storage.digest import file_digest, value_digest

_IDENTITY_SUFFIXES = {".safetensors", ".json", ".jinja", ".model", ".txt"}


def model_folder(params: BaseModelParams, root: Path = Path()) -> Path:
    """Return the folder that holds the base model's files.

    ``embedded`` is the concept world's model, ``logos`` the logos world's, which is assembled from installed
    packages once, and so on for worlds that other packages add; a path is itself, a hub name is looked up in
    the local cache or downloaded at its pinned revision.

    Args:
        params: Which model.
        root: What a relative path is relative to: the workspace.

    Raises:
        ModelError: The folder is missing, or a hub name comes without a revision or can't be had.
        InputError: The logos model can't be assembled: ``E-LOG-001`` or ``003``.
    """
    world = WORLDS.find(model=params.source)
    if world is not None:
        return Path(world.base_folder())
    folder = root / params.source
    if folder.is_dir():
        return folder
    if Path(params.source).is_absolute() or params.source.startswith(".") or params.source.count("/") != 1:
        raise ModelError(
            "E-MOD-001", "the base model's folder is missing", "Set base_model.source", params.source
        )
    return _hub_folder(params.source, params.revision)


def public_name(params: BaseModelParams) -> str:
    """Return what the base model may be called in a file that is given away: never a local path.

    ``siu:embedded`` is the concept world's model, which is no hub name: its folder is in the package siu.
    """
    if params.source == "embedded":
        return EMBEDDED
    return params.source if params.revision else Path(params.source).name


def check_config(folder: Path) -> dict[str, Any]:
    """Return ``config.json`` after the checks that need no weights.

    Raises:
        ModelError: It is missing, unreadable, asks for remote code, isn't an image-text-to-text model, or the
            weights won't do (`siu.models.weight_files`).
    """
    place = str(folder)
    config = _read_config(folder / "config.json")
    if "auto_map" in config:
        raise ModelError(
            "E-MOD-003",
            "the model needs remote code (auto_map)",
            "Use a model that transformers knows by itself",
            place,
        )
    if "quantization_config" in config:
        raise ModelError("E-MOD-004", "the weights are quantised", "Use the unquantised base model", place)
    if "transformers_weights" in config:
        what = "config.json names a weights file of its own (transformers_weights)"
        raise ModelError("E-MOD-005", what, "Save the weights as model.safetensors", place)
    _check_architecture(config, place)
    check_weight_files(folder)
    return config


def model_digest(folder: Path) -> str:
    """Return the sha256 over the names and contents of weights, configuration and tokenizer files."""
    files = sorted(path for path in folder.iterdir() if path.suffix in _IDENTITY_SUFFIXES)
    return _files_digest(tuple(files), tuple(path.stat().st_mtime_ns for path in files))


@lru_cache(maxsize=8)
def _files_digest(files: tuple[Path, ...], _changed: tuple[int, ...]) -> str:
    return value_digest([[path.name, file_digest(path)] for path in files])


def _read_config(file: Path) -> dict[str, Any]:
    if file.is_file():
        refuse_pointer(file)
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError(f"it holds a {type(config).__name__}, not an object")
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            "E-MOD-002",
            f"config.json can't be read ({error})",
            "Point base_model.source at a model",
            str(file.parent),
        ) from error
    return config


def _check_architecture(config: dict[str, Any], place: str) -> None:
    model_type = str(config.get("model_type"))
    if model_type not in ARCHITECTURES:
        raise ModelError(
            "E-MOD-006",
            f"model type {model_type!r} is not supported",
            f"Use one of {', '.join(ARCHITECTURES)}",
            place,
        )
    vision = config.get("vision_config")
    if not isinstance(vision, dict) or vision.get("model_type") == "pixtral":
        what = "there is no vision tower" if vision is None else "the vision tower 'pixtral' is not supported"
        raise ModelError("E-MOD-013", what, "Use a checkpoint with the architecture's own tower", place)


def _hub_folder(name: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if revision is None:
        raise ModelError(
            "E-MOD-007", "a hub model needs a pinned commit", "Set base_model.revision to a commit", name
        )
    patterns = [f"*{suffix}" for suffix in sorted(_IDENTITY_SUFFIXES)]
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=patterns))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            "E-MOD-008",
            f"the model can't be had from the hub ({error})",
            "Download it once while online",
            name,
        ) from error
