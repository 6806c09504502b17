"""Prepare: the collection that everything is measured on, and the base model's identity, in ``data/``."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from siu.digest import folder_digest, value_digest
from siu.params import Params
from siu.sources import source_digest
from siu.workspace import Workspace

PREPARED = "prepared.json"
BASE_MODEL = "base_model"


@dataclass(frozen=True)
class Prepared:
    """What a batch starts from.

    Attributes:
        collection_digest: Digest of the collection's files.
        base_digest: Digest of the base model's files.
        skipped: Whether the collection was there already.
    """

    collection_digest: str
    base_digest: str
    skipped: bool


def prepare(workspace: Workspace, params: Params) -> Prepared:
    """Draw or import the collection unless it is there, and note which base model is used."""
    folder = workspace.collection(params)
    marker = folder.parent / PREPARED
    inputs = _inputs(workspace, params)
    skipped = _is_prepared(folder, marker, inputs)
    if not skipped:
        _collect(workspace, params, folder)
        content = {"inputs": inputs, "collection": folder_digest(folder)}
        marker.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    digest = str(json.loads(marker.read_text(encoding="utf-8"))["collection"])
    base_digest = _note_base_model(params, folder.parent / BASE_MODEL, workspace.root)
    return Prepared(digest, base_digest, skipped)


def _inputs(workspace: Workspace, params: Params) -> str:
    """Return the digest of what determines the collection."""
    if params.data.source == "conceptworld":
        what = [params.seed, params.data.test_pictures, source_digest("conceptworld")]
        return value_digest(["conceptworld", *what])
    return value_digest(["folder", folder_digest(workspace.root / params.data.source)])


def _is_prepared(folder: Path, marker: Path, inputs: str) -> bool:
    """Return whether the collection was made from these inputs and no file of it has changed."""
    try:
        content = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(content.get("inputs") == inputs and content.get("collection") == folder_digest(folder))


def _collect(workspace: Workspace, params: Params, folder: Path) -> None:
    """Make the collection anew beside the old one, then put it in its place."""
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    if params.data.source == "conceptworld":
        from siu.conceptworld import draw_collection

        draw_collection(fresh, seed=params.seed, test_pictures=params.data.test_pictures)
    else:
        from siu.intake.collection_import import import_folder

        import_folder(workspace.root / params.data.source, fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _note_base_model(params: Params, folder: Path, root: Path) -> str:
    """Write which base model is used, with the embedded one's files for DVC, and return its digest."""
    from siu.models.source import model_digest, model_folder

    source = model_folder(params.base_model, root)
    digest = model_digest(source)
    identity = {**params.base_model.model_dump(mode="json"), "digest": digest}
    text = json.dumps(identity, indent=2) + "\n"
    file = folder / "identity.json"
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        shutil.rmtree(folder, ignore_errors=True)
        if params.base_model.source == "embedded":
            shutil.copytree(source, folder)
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return digest
