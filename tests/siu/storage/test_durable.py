import os
import subprocess
import sys

import pytest

from siu.storage.durable import replace_bytes, replace_file, replace_text

KILLED = """
import sys
from pathlib import Path
from siu.storage import durable

def stop(_):
    print(flush=True)
    input()

durable.fault_point = stop
durable.replace_text(Path(sys.argv[1]), "of the other")
"""


def writing(path):
    """Start a process that stands still just before its file takes the other's place."""
    command = [sys.executable, "-c", KILLED, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "note.json"
    for text in ("first", "zweite, здесь\n"):
        replace_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_former_file(tmp_path):
    path = tmp_path / "note.json"
    replace_text(path, "first")
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "half \ud800")
    assert path.read_text(encoding="utf-8") == "first"


def test_a_link_that_somebody_else_has_laid_is_not_followed(tmp_path):
    path, foreign = tmp_path / "note.json", tmp_path / "foreign"
    (tmp_path / ".note.json.new").symlink_to(foreign)
    (tmp_path / f".note.json.{'0' * 16}.new").symlink_to(foreign)
    replace_text(path, "mine")
    assert not foreign.exists()
    assert path.read_text() == "mine"
    assert not path.is_symlink()


def test_two_writers_disturb_each_other_not(tmp_path):
    path = tmp_path / "note.json"
    other = writing(path)
    replace_text(path, "mine")
    other.communicate(b"\n")
    assert other.returncode == 0
    assert path.read_text() == "of the other"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_removed_by_the_next_one(tmp_path):
    path = tmp_path / "note.json"
    other = writing(path)
    other.kill()
    other.communicate()
    assert [left.suffix for left in tmp_path.iterdir()] == [".new"]
    replace_text(path, "mine")
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_after_ctrl_c(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("siu.storage.durable.fault_point", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_bytes(tmp_path / "note.json", b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_the_umask_says_who_may_read(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        replace_text(tmp_path / "note.json", "x")
        replace_file(tmp_path / "note.json", tmp_path / "copy.json")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {mode}


def test_a_name_may_be_as_long_as_the_disk_takes(tmp_path):
    path = tmp_path / ("ж" * 127)
    replace_text(path, "x")
    assert list(tmp_path.iterdir()) == [path]
