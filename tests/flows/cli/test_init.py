"""A new workspace is versioned, and tells nobody."""

import os
import subprocess
from pathlib import Path

import pytest

from flows.cli.init import init
from siu.config.file import check_params
from siu.errors import InputError, ModelError, StateError


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


def test_the_recipe_follows_the_models_size(tmp_path: Path) -> None:
    small = init(tmp_path / "small", model="embedded")
    assert small.params() == check_params({}, "test")
    with pytest.raises(InputError, match=r"E-WSP-003 .*`base_model: \{source: embedded\}`"):
        init(tmp_path / "small", model="embedded")
    with pytest.raises(ModelError, match="E-MOD-"):
        init(tmp_path / "other", model=os.fspath(tmp_path / "no model"))
    assert not (tmp_path / "other").exists()


def test_what_shows_names_and_answers_stays_out_of_git_and_a_certificate_goes_in(tmp_path: Path) -> None:
    names = (
        "requests.csv",
        "requests/1.png",
        "records/a/after.jsonl",
        "reports/b/report.html",
        "state/ledger.jsonl",
    )
    shown = ("certificates/r-1.json", "params.yaml", "dvc.lock", "comparison/study/table.csv")
    root = init(tmp_path / "work").root
    command = ["git", "check-ignore", *names, *shown]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.split() == list(names)


def test_dvc_keeps_its_site_cache_in_the_workspace_and_to_its_owner(root: Path) -> None:
    from dvc.repo import Repo

    with Repo(os.fspath(root)) as repo:
        assert Path(repo.site_cache_dir).is_relative_to(root / ".dvc-site")
    assert (root / ".dvc-site").stat().st_mode & 0o777 == 0o700
    assert (root / ".dvc-site" / ".gitignore").read_text() == "*\n"


def test_the_site_cache_moves_with_the_workspace(root: Path, tmp_path: Path) -> None:
    moved = root.rename(tmp_path / "moved %")
    (moved / ".dvc-site").chmod(0o755)
    local = moved / ".dvc" / "config.local"
    local.write_text(local.read_text() + "[cache]\ndir = elsewhere\n")
    init(moved)
    assert f"site_cache_dir = {moved}/.dvc-site" in local.read_text()
    assert "dir = elsewhere" in local.read_text()
    assert (moved / ".dvc-site").stat().st_mode & 0o777 == 0o700


def test_git_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings"
    settings.write_text("[commit]\n gpgsign = true\n[gpg]\n program = false\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.fspath(settings))
    with pytest.raises(StateError, match=r"E-WSP-004 .*git failed: "):
        init(tmp_path / "work")


def test_variables_of_another_repository_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", os.fspath(tmp_path / "elsewhere"))
    assert (init(tmp_path / "work").root / ".git").is_dir()
    assert not (tmp_path / "elsewhere").exists()
