"""A certificate's release is made again: equal bytes, or what differs and where first."""

import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from dvc.repo import Repo

from flows.cli.init import lay_out, put_under_version_control
from flows.reproduce import _all_but_inputs, reproduce
from siu.audit.command import trusted_keys
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch
from tasks.certify import certify
from tasks.runtime.workers import Inline
from tests.flows.batches import change, run


@pytest.mark.timeout(1200)  # three batches
def test_the_same_inputs_give_equal_bytes_and_others_say_where_they_differ(
    standing: Workspace, tmp_path: Path
) -> None:
    change(standing, "attacks", profile="none")
    run(standing)
    with only_batch(standing):
        file = certify(standing, "r-0")
    keys = trusted_keys(str(standing.state / "keys/public.txt"))
    found = reproduce(standing, file, keys, tmp_path / "again", Inline())
    assert (found.is_equal, found.inputs, found.changed) == (True, (), ())
    assert found.lines[0] == "equal bytes: 3 files of the released adapter"
    assert found.metrics > 5
    assert found.outside == ()

    with pytest.raises(StateError, match="E-CRT-005"):
        reproduce(standing, file, keys, tmp_path / "again", Inline())
    change(standing, "unlearning", lr=0.001)
    other = reproduce(standing, file, keys, tmp_path / "other", Inline())
    assert not other.is_equal
    assert other.lines[0].startswith("different, first: ")
    assert other.inputs[:2] == ("the parameters", "the inputs of unlearn")
    assert "the bytes of adapter/adapter_model.safetensors" in other.differences


def git(folder: Path, *words: str) -> None:
    author = ("-c", "user.name=x", "-c", "user.email=x@y.z")
    subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)


def put_under_git_and_dvc(workspace: Workspace, store: Path) -> None:
    """Version a workspace, with a folder as DVC's remote."""
    lay_out(workspace.root)
    put_under_version_control(workspace.root)
    settings = workspace.root / ".dvc/config"
    text = settings.read_text().replace("[core]\n", "[core]\n    remote = store\n")
    settings.write_text(f"{text}['remote \"store\"']\n    url = {store}\n")


def push_and_commit(workspace: Workspace) -> None:
    with chdir(workspace.root), Repo(str(workspace.root)) as repo:
        repo.push()
    git(
        workspace.root, "add", "--force", "params.yaml", "dvc.lock", "dvc.yaml", ".dvc/config", "own", "model"
    )
    git(workspace.root, "commit", "--quiet", "--message", "the batch")


def cloned(workspace: Workspace, folder: Path) -> Path:
    """Clone a workspace's repository, and hand over by another way what is private."""
    git(folder.parent, "clone", "--quiet", str(workspace.root), str(folder))
    shutil.copy(workspace.root / "requests.csv", folder)
    shutil.copytree(workspace.root / "requests", folder / "requests")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")  # dvc asks pygtrie the old way
def test_a_fresh_clone_fetches_data_and_parameters_and_gives_equal_bytes(
    standing: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(standing, "attacks", profile="none")
    put_under_git_and_dvc(standing, tmp_path / "store")
    run(standing)
    with only_batch(standing):
        file = certify(standing, "r-0")
    push_and_commit(standing)
    change(standing, "unlearning", lr=0.001)
    git(standing.root, "commit", "--quiet", "--all", "--message", "another rate")

    clone = cloned(standing, tmp_path / "clone")
    assert not (clone / "data/collection").exists()
    keys = trusted_keys(str(standing.state / "keys/public.txt"))
    found = reproduce(Workspace(clone), file, keys, tmp_path / "again", Inline())
    assert (clone / "data/collection/concepts.jsonl").is_file(), "pulled"
    assert (found.is_equal, found.inputs, found.changed) == (True, (), ())
    assert found.files == 3

    shutil.rmtree(clone / "data")
    shutil.rmtree(clone / ".dvc/cache")
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(StateError, match=r"E-CRT-007.*data/collection"):
        reproduce(Workspace(clone), file, keys, tmp_path / "without", Inline())
    (clone / ".dvc/config.local").write_text("['remote \"store\"']\n    url = s3://siu/workspace\n")
    monkeypatch.setitem(sys.modules, "dvc_s3", None)  # as where it isn't installed
    with pytest.raises(StateError, match=r"E-DVC-001 DVC remote store: .*dvc-s3.*'siu\[s3\]'"):
        reproduce(Workspace(clone), file, keys, tmp_path / "without", Inline())


def test_a_certificate_that_does_not_hold_is_not_reproduced(standing: Workspace, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}")
    with pytest.raises(InputError, match="E-CRT-002"):
        reproduce(standing, tmp_path / "odd.json", (), tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_what_an_own_folder_has_under_a_name_of_ours_is_copied(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    inputs = {"own/state/a.png", "own/reports/b.png", "again/c.png", "data/again/d.png"}
    for name in ("state/ledger.jsonl", *inputs):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    for target in (tmp_path / "again", root / "data/new"):
        shutil.copytree(root, target, ignore=_all_but_inputs(root, target))
        names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
        assert names == inputs
        shutil.rmtree(target)
