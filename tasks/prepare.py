"""Prepare: the collection that everything is measured on, and the base model's identity, in ``data/``."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from siu.config.params import Params
from siu.registry import WORLDS
from siu.storage.digest import folder_digest, value_digest
from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace
from tasks.replaceable import IDENTITY, base_model_note, refuse_to_replace
from tasks.runtime.code import IMPORTING, code_of, code_of_world

PREPARED = "prepared.json"


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


def prepare(workspace: Workspace, params: Params, *, note_model: bool = True) -> Prepared:
    """Draw or import the collection unless it is there, and note which base model is used.

    Only who holds the workspace's batch lock may do that: a running batch reads what is replaced here.

    Args:
        workspace: Where.
        params: Where from, and which base model.
        note_model: Whether the base model is noted; not if it is another one than the workspace's.

    Raises:
        PreflightError: See `tasks.replaceable.refuse_to_replace`; nothing was replaced.
    """
    from siu.models.source import model_digest, model_folder

    refuse_to_replace(workspace, params)
    folder = workspace.collection(params)
    marker = folder.parent / PREPARED
    inputs = _inputs(workspace, params)
    skipped = _is_prepared(folder, marker, inputs)
    if not skipped:
        _collect(workspace, params, folder)
        content = {"inputs": inputs, "collection": folder_digest(folder)}
        marker.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    digest = str(json.loads(marker.read_text(encoding="utf-8"))["collection"])
    source = model_folder(params.base_model, workspace.root)
    base_digest = model_digest(source)
    if note_model:
        _note_base_model(params, base_digest, source, base_model_note(workspace, params))
    return Prepared(digest, base_digest, skipped)


def _inputs(workspace: Workspace, params: Params) -> str:
    """Return the digest of what determines the collection."""
    world = WORLDS.find(collection=params.data.source)
    if world is not None:
        return value_digest([world.collection, *world.settings(params), code_of_world(world)])
    return value_digest(["folder", folder_digest(workspace.root / params.data.source), code_of(IMPORTING)])


def _is_prepared(folder: Path, marker: Path, inputs: str) -> bool:
    """Return whether the collection was made from these inputs and no file of it has changed."""
    try:
        content = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(content.get("inputs") == inputs and content.get("collection") == folder_digest(folder))


def _collect(workspace: Workspace, params: Params, folder: Path) -> None:
    """Make the collection anew."""
    with _in_place_of(folder) as fresh:
        world = WORLDS.find(collection=params.data.source)
        if world is not None:
            world.draw(fresh, params)
        else:
            from siu.data.intake.collection_import import import_folder

            import_folder(workspace.root / params.data.source, fresh)


def _note_base_model(params: Params, digest: str, source: Path, folder: Path) -> None:
    """Write which base model is used, with the embedded one's files for DVC."""
    identity = {**params.base_model.model_dump(mode="json"), "digest": digest}
    text = json.dumps(identity, indent=2) + "\n"
    file = folder / IDENTITY
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        with _in_place_of(folder) as fresh:
            if params.base_model.source == "embedded":
                shutil.copytree(source, fresh)
            fresh.mkdir(exist_ok=True)
            (fresh / IDENTITY).write_text(text, encoding="utf-8")


@contextmanager
def _in_place_of(folder: Path) -> Iterator[Path]:
    """Yield where a folder is made anew; it takes the old one's place as a whole when the block ends."""
    fresh, old = (folder.with_name(f".{folder.name}.{age}") for age in ("new", "old"))
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    yield fresh
    fault_point("prepare.collection")
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
