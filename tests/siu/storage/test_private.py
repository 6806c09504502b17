"""Only its owner may read what is private in a workspace, whatever the umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from siu.storage.private import FOLDERS, close_to_others, for_the_owner


@pytest.fixture(params=[0o000, 0o002, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def others(root: Path) -> list[Path]:
    """Return what others may do anything with."""
    return [path for path in root.rglob("*") if not path.is_symlink() and mode(path) & 0o077]


@pytest.mark.usefixtures("umask")
def test_what_is_made_meanwhile_is_its_owners_alone(tmp_path: Path) -> None:
    with for_the_owner():
        (tmp_path / "a/b").mkdir(parents=True)
        (tmp_path / "a/b/c.txt").write_text("x")
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c.txt")] == [0o700, 0o700, 0o600]
    (tmp_path / "after").write_text("x")
    assert mode(tmp_path / "after") != 0o600, "the umask is as it was"


@pytest.mark.usefixtures("umask")
def test_what_is_there_already_is_closed(tmp_path: Path) -> None:
    for name in FOLDERS:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    files = ("requests.csv", "urgent.csv", "mlflow.db", "mlflow.db-wal", "state/ledger.jsonl")
    files += ("requests/r-1.png", "requests/records.jsonl", "state/keys/ab.pem", "state/commitments/r-1.json")
    for name in files:
        (tmp_path / name).write_text("x")
    (tmp_path / "params.yaml").write_text("{}")
    close_to_others(tmp_path)
    assert {mode(tmp_path / name) for name in FOLDERS} == {0o700}
    assert {mode(tmp_path / name) for name in files} == {0o600}
    assert mode(tmp_path / "params.yaml") & 0o400
    close_to_others(tmp_path)


def test_a_link_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "elsewhere").chmod(0o755)
    (tmp_path / "w").mkdir()
    (tmp_path / "w/reports").symlink_to(tmp_path / "elsewhere")
    close_to_others(tmp_path / "w")
    assert mode(tmp_path / "elsewhere") == 0o755


@pytest.mark.usefixtures("umask")
def test_a_new_workspace_is_closed(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "w")])
    assert done.exit_code == 0, done.output
    assert mode(tmp_path / "w/requests.csv") == 0o600
    assert others(tmp_path / "w/requests") == others(tmp_path / "w/state") == []
    assert {mode(tmp_path / "w" / name) for name in ("requests", "artifacts", "reports", "state")} == {0o700}
