"""What opens a commitment is its owner's alone, is written whole or not at all, and is destroyed wholly."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from siu.audit.commitment import destroy_opening, opening_file, read_opening, write_opening

ROW = {"name": "Mira Talvon"}


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_only_its_owner_reads_it_whatever_the_umask_is(tmp_path: Path) -> None:
    opening = write_opening(tmp_path, "r-1", "requests/1.png", ROW, "requests.csv")
    file = opening_file(tmp_path, "r-1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert read_opening(tmp_path, "r-1") == opening
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("planted", ["link", "folder"])
def test_what_lies_under_a_name_that_can_be_guessed_neither_gets_the_key_nor_stops_it(
    tmp_path: Path, planted: str
) -> None:
    state, foreign = tmp_path / "state", tmp_path / "foreign"
    foreign.write_text("of somebody else")
    guessed = state / "commitments/.r-1.json.new"
    guessed.parent.mkdir(parents=True)
    if planted == "link":
        guessed.symlink_to(foreign)
    else:
        guessed.mkdir()
    opening = write_opening(state, "r-1", "requests/1.png")
    assert foreign.read_text() == "of somebody else"
    assert read_opening(state, "r-1") == opening
    assert not opening_file(state, "r-1").is_symlink()


def test_a_write_that_fails_leaves_the_former_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    former = write_opening(tmp_path, "r-1", "requests/1.png")

    def full(_: str) -> None:
        raise OSError(28, "no room")

    monkeypatch.setattr("siu.storage.durable.fault_point", full)
    with pytest.raises(OSError, match="no room"):
        write_opening(tmp_path, "r-1", "requests/2.png")
    assert read_opening(tmp_path, "r-1") == former
    assert list(opening_file(tmp_path, "r-1").parent.iterdir()) == [opening_file(tmp_path, "r-1")]


def test_what_a_killed_writer_has_left_is_destroyed_too_and_nothing_of_others(tmp_path: Path) -> None:
    for request_id in ("r-1", "r-10", "r-[1]"):
        write_opening(tmp_path, request_id, "requests/1.png", ROW)
    folder = tmp_path / "commitments"
    names = (".r-1.json.new", f".r-1.json.{'0' * 16}.new", f".r-10.json.{'0' * 16}.new")
    for name in names:  # the first by earlier versions
        (folder / name).write_text("a key")
    destroy_opening(tmp_path, "r-1")
    assert {path.name for path in folder.iterdir()} == {"r-10.json", "r-[1].json", names[2]}
    destroy_opening(tmp_path, "r-1")
    destroy_opening(tmp_path, "r-[1]")
    assert {path.name for path in folder.iterdir()} == {"r-10.json", names[2]}
