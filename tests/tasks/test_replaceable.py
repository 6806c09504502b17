"""What `siu prepare` may replace: tried on places where somebody has something."""

import shutil
from pathlib import Path

import pytest

from flows.plan import check_input
from siu.config.params import Params
from siu.errors import PreflightError
from siu.storage.workspace import Workspace
from tasks.prepare import prepare
from tests.flows.stand_in import write_collection, write_model, write_requests


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    write_model(folder / "model")
    write_collection(folder / "own")
    write_requests(folder)
    return folder


@pytest.fixture
def own(template: Path, tmp_path: Path) -> Workspace:
    """A workspace with a model, pictures and requests of a user's own."""
    return Workspace(shutil.copytree(template, tmp_path / "own-workspace"))


def with_params(workspace: Workspace, model: str = "model", **data: str) -> Params:
    sections = "".join(f"  {key}: {value}\n" for key, value in {"source": "own", **data}.items())
    workspace.params_file.write_text(f"base_model: {{source: {model}}}\ndata:\n{sections}")
    return workspace.params()


def content(workspace: Workspace) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}


def refused(workspace: Workspace, params: Params) -> str:
    """Return what preflight says; neither it nor `prepare` has changed a file."""
    before = content(workspace)
    with pytest.raises(PreflightError) as caught:
        prepare(workspace, params)
    with pytest.raises(PreflightError) as in_preflight:
        check_input(workspace)
    assert content(workspace) == before
    assert str(in_preflight.value) == str(caught.value)
    return str(caught.value)


def test_a_base_model_in_the_place_of_its_note_is_kept(own: Workspace) -> None:
    (own.root / "data").mkdir()
    (own.root / "model").rename(own.root / "data" / "base_model")
    assert "E-PAR-007" in refused(own, with_params(own, "data/base_model"))
    assert "base_model.source lies in" in refused(own, with_params(own, "./data/base_model/"))


def test_pictures_in_the_place_of_the_collection_are_kept(own: Workspace) -> None:
    message = refused(own, with_params(own, collection="own"))
    assert "E-PAR-007" in message
    assert "data.source lies in" in message
    assert "data.source" in refused(own, with_params(own, source="own/pictures", collection="own"))


def test_a_link_to_the_own_folder_is_the_own_folder(own: Workspace) -> None:
    (own.root / "link").symlink_to(own.root / "own")
    assert "E-PAR-007" in refused(own, with_params(own, collection="link"))


def test_the_workspace_itself_is_no_place(own: Workspace) -> None:
    message = refused(own, with_params(own, collection="."))
    for key in ("data.requests", "data.source", "base_model.source"):
        assert f"{key} lies in" in message


def test_a_folder_that_prepare_did_not_make_is_kept(own: Workspace) -> None:
    (own.root / "holiday").mkdir()
    (own.root / "holiday" / "beach.jpg").write_bytes(b"sand")
    assert "E-COL-101" in refused(own, with_params(own, collection="holiday"))
    (own.root / "base_model").mkdir()
    (own.root / "base_model" / "model.safetensors").write_bytes(b"weights")
    assert "E-COL-101" in refused(own, with_params(own, collection="collection"))


def test_what_prepare_made_is_replaced_as_a_whole(own: Workspace) -> None:
    params = with_params(own)
    first = prepare(own, params)
    (own.root / "own" / "facts.csv").unlink()
    shutil.copytree(own.root / "model", own.root / "other")
    (own.root / "other" / "added.txt").write_text("another model")
    again = prepare(own, with_params(own, "other"))
    assert again.collection_digest != first.collection_digest
    assert again.base_digest != first.base_digest
    assert sorted(path.name for path in (own.root / "data").iterdir()) == [
        "base_model",
        "collection",
        "prepared.json",
    ]


def test_what_a_killed_process_left_is_no_obstacle(own: Workspace) -> None:
    params = with_params(own)
    first = prepare(own, params)
    data = own.root / "data"
    (data / "collection").rename(data / ".collection.old")
    shutil.copytree(data / "base_model", data / ".base_model.new")
    assert prepare(own, params).collection_digest == first.collection_digest
    assert not (data / ".collection.old").exists()
