"""The demo's workspace; the batch that runs in it is every batch."""

from pathlib import Path

import pytest

from flows.cli.demo import with_examples
from flows.cli.init import init
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tests.requests_table import read_requests

NAMES = ["Davi Maresh", "Fenny Wump", "Zanto"]


def names(workspace: Workspace) -> list[str]:
    return [request.name for request in read_requests(workspace.root / "requests.csv")]


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_examples_are_requests_of_a_new_workspace(tmp_path: Path) -> None:
    workspace = with_examples(tmp_path / "demo")
    assert names(workspace) == NAMES
    assert sorted(path.name for path in workspace.request_store.iterdir()) == ["pictures"]


def test_a_workspace_without_requests_gets_the_examples_and_keeps_them(tmp_path: Path) -> None:
    init(tmp_path)
    assert names(with_examples(tmp_path)) == NAMES
    assert names(with_examples(tmp_path)) == NAMES


def test_requests_of_a_user_are_never_replaced(standing: Workspace) -> None:
    before = content(standing.root)
    with pytest.raises(InputError, match=r"E-WSP-002 .*requests\.csv: .*--workspace"):
        with_examples(standing.root)
    assert content(standing.root) == before


def test_a_table_elsewhere_is_the_users_too(workspace: Workspace) -> None:
    workspace.params_file.write_text("data: {requests: requests/requests.csv}\n")
    workspace.request_store.mkdir()
    own = workspace.request_store / "requests.csv"
    own.write_text("request_id,name,image\nr-1,Mira Talvon,mira.png\n")
    before = content(workspace.root)
    with pytest.raises(InputError, match="E-WSP-002"):
        with_examples(workspace.root)
    assert content(workspace.root) == before
