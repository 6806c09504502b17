"""Workspaces on a small untrained LLaVA: made once, copied for each test."""

import shutil
from pathlib import Path

import pytest

from siu.storage.workspace import Workspace


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tasks.tracking.database import prepare_database
    from tests.flows.stand_in import write_workspace

    folder = tmp_path_factory.mktemp("template")
    write_workspace(folder)
    prepare_database(folder / "mlflow.db", folder / "mlartifacts", folder / "lock")  # once: it takes seconds
    return folder


@pytest.fixture
def standing(template: Path, tmp_path: Path) -> Workspace:
    """A workspace with two requests, not under git or DVC."""
    root = tmp_path / "standing"
    shutil.copytree(template, root)
    return Workspace(root)
