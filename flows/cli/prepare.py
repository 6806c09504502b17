"""`siu prepare`: the collection, or the embedded model anew."""

from collections.abc import Callable
from pathlib import Path

from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch
from tasks.prepare import prepare
from tasks.versioning.commit import make_output_folders

SEED = 0
"""Seed of the shipped models."""
EVERY = 50


def prepare_workspace(workspace: Workspace) -> str:
    """Draw or import the collection unless it is there; return what was done in one line.

    Raises:
        StateError: ``E-RUN-004`` a batch is running here, which reads the collection.
    """
    with only_batch(workspace):
        make_output_folders(workspace)
        prepared = prepare(workspace, workspace.params())
    done = "is there already" if prepared.skipped else "is ready"
    return f"The collection {done}: {prepared.collection_digest[:12]}; base model {prepared.base_digest[:12]}"


def rebuild(folder: Path, without: tuple[str, ...], echo: Callable[[str], None]) -> None:
    """Train the embedded model anew from its seed, without the concepts named, and say what it can do.

    On one torch thread per half of a batch, so that equal arguments give equal bytes; it takes minutes.
    """
    import torch

    from siu.worlds.drawn.build import build_model

    def on_progress(stage: str, step: int, loss: float) -> None:
        if step % EVERY == 0:
            echo(f"{stage} step {step}: loss {loss:.3f}")

    torch.set_num_threads(1)
    for ability in build_model(folder, seed=SEED, without=without, on_progress=on_progress):
        echo(f"{ability.rate:.3f} of {ability.total}: {ability.name}")
    echo(f"The model is in {folder}; set base_model.source to it")
