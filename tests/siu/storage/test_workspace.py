from pathlib import Path

import pytest

from siu.config.params import DataParams, Params
from siu.errors import InputError
from siu.storage.workspace import Workspace


def test_find_walks_up_to_params_yaml(workspace: Workspace) -> None:
    deep = workspace.root / "a" / "b"
    deep.mkdir(parents=True)
    assert Workspace.find(deep) == Workspace(workspace.root.resolve())
    assert Workspace.find() == Workspace.find(deep)


def test_without_a_workspace_the_remedy_is_siu_init(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"E-WSP-001.*siu init"):
        Workspace.find(tmp_path)


def test_a_folder_named_params_yaml_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").mkdir()
    with pytest.raises(InputError, match="E-WSP-001"):
        Workspace.find(tmp_path)


def test_paths_from_params_may_be_elsewhere(workspace: Workspace, tmp_path: Path) -> None:
    assert workspace.requests_csv(Params()) == workspace.root / "requests.csv"
    elsewhere = Params(data=DataParams(collection=str(tmp_path / "big")))
    assert workspace.collection(elsewhere) == tmp_path / "big"


def test_asking_for_paths_creates_nothing(workspace: Workspace) -> None:
    assert workspace.params() == Params()
    for path in (workspace.artifacts, workspace.ledger, workspace.reports, workspace.request_store):
        assert path.is_relative_to(workspace.root)
    assert [path.name for path in workspace.root.iterdir()] == ["params.yaml"]
