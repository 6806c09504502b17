"""The password of the servers is made once, is read by its owner alone, and is never weak."""

from pathlib import Path

import pytest

from flows.orchestration.password import VARIABLE, service_password
from siu.errors import StateError
from siu.storage.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv(VARIABLE, raising=False)
    return Workspace(tmp_path)


def test_it_is_made_once_for_its_owner_alone(place: Workspace) -> None:
    password = service_password(place)
    assert len(password) == 32
    assert service_password(place) == password
    assert place.service_password.stat().st_mode & 0o777 == 0o600


def test_the_environment_comes_first_and_is_not_written_down(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "correct horse battery")
    assert service_password(place) == "correct horse battery"
    assert not place.service_password.exists()


@pytest.mark.parametrize("word", ["short", "eleven char", "line\nbreak in it", "pässword with more"])
def test_a_weak_one_is_refused_and_not_shown(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv(VARIABLE, word)
    with pytest.raises(StateError, match="E-SCH-004 SIU_PASSWORD") as refused:
        service_password(place)
    assert word not in str(refused.value)


def test_a_file_that_others_can_read_is_refused(place: Workspace) -> None:
    service_password(place)
    place.service_password.chmod(0o644)
    with pytest.raises(StateError, match=r"E-SCH-004 .*others than its owner"):
        service_password(place)


def test_a_link_is_not_followed(place: Workspace, tmp_path: Path) -> None:
    place.service_password.parent.mkdir(parents=True)
    place.service_password.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="E-SCH-004"):
        service_password(place)
    assert not (tmp_path / "elsewhere").exists()
