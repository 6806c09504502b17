"""A new workspace is versioned, and tells nobody."""

import os
from pathlib import Path

import pytest

from flows.init import init
from siu.errors import InputError
from siu.params_file import check_params


@pytest.fixture(params=["with git", "without git"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "without git":
        monkeypatch.setenv("PATH", os.fspath(tmp_path / "no programs"))
    return init(tmp_path / "work").root


def test_dvc_is_set_up_and_sends_no_analytics(root: Path) -> None:
    from dvc.repo import Repo

    with Repo(os.fspath(root)) as repo:
        assert repo.config["core"]["analytics"] is False
        assert repo.config["core"]["no_scm"] is not (root / ".git").is_dir()


def test_a_second_time_changes_nothing(root: Path) -> None:
    (root / ".dvc/config").write_text("[core]\nanalytics = true\n", encoding="utf-8")
    (root / "requests.csv").write_text("request_id,name,picture\n", encoding="utf-8")
    init(root)
    assert "analytics = true" in (root / ".dvc/config").read_text(encoding="utf-8")
    assert (root / "requests.csv").read_text(encoding="utf-8") == "request_id,name,picture\n"


def test_a_preset_is_written_out_and_never_over_a_file_that_is_there(tmp_path: Path) -> None:
    workspace = init(tmp_path / "work", "paper")
    assert workspace.params() == check_params({"preset": "paper"}, "test")
    before = workspace.params_file.read_bytes()
    with pytest.raises(InputError, match=r"E-WSP-003 .*params.yaml: .*Write `preset: paper` into it"):
        init(tmp_path / "work", "paper")
    assert workspace.params_file.read_bytes() == before
