"""The private file of requests: nothing is lost, nothing that was torn is believed."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.data.requests.records import Content, Record, RequestRecords
from siu.errors import StateError

CONTENT = Content("Mira Talvon", "person", "r-1.png", "d" * 64, ("Mira",), "2026-01-31")


def added(request_id: str, content: Content = CONTENT) -> Record:
    return Record(request_id, "added", "2026-01-31T12:00:00Z", "anna", content=content)


def decided(request_id: str, action: str, reason: str = "twins") -> Record:
    return Record(request_id, action, "2026-02-01T12:00:00Z", "anna", reason)  # type: ignore[arg-type]


@pytest.fixture
def records(tmp_path: Path) -> RequestRecords:
    return RequestRecords(tmp_path / "state" / "requests.jsonl")


def test_what_was_written_is_read_again_and_only_by_its_owner(records: RequestRecords) -> None:
    records.append(added("r-1"), added("r-2"))
    records.append(decided("r-1", "withdrawn"), decided("r-2", "extended"))
    read = RequestRecords(records.path).read()
    assert read.added == {"r-1": CONTENT, "r-2": CONTENT}
    assert read.withdrawn["r-1"].reason == "twins"
    assert list(read.extended) == ["r-2"]
    assert records.path.stat().st_mode & 0o777 == 0o600


def test_the_first_record_of_a_request_counts(records: RequestRecords) -> None:
    records.append(added("r-1"), added("r-1", Content("Other", "logo", "x.png", "e" * 64)))
    assert records.read().added == {"r-1": CONTENT}


def test_a_line_that_a_crash_tore_was_never_written(records: RequestRecords) -> None:
    records.append(added("r-1"))
    with records.path.open("ab") as file:
        file.write(added("r-2").line()[:-20])
    assert list(records.read().added) == ["r-1"]
    records.append(added("r-3"))
    assert list(records.read().added) == ["r-1", "r-3"]


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"schema":9}', b'{"schema":1,"request_id":"r-1"}', b"null"])
def test_a_line_that_is_no_record_is_named(records: RequestRecords, line: bytes) -> None:
    records.append(added("r-1"))
    with records.path.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(StateError, match=r"E-REQ-026 .*requests\.jsonl:2"):
        records.read()


def test_a_full_disk_leaves_the_former_file(records: RequestRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    records.append(added("r-1"))
    before = records.path.read_bytes()

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        records.append(added("r-2"))
    assert records.path.read_bytes() == before


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=3))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, name: str, aliases: list[str]) -> None:
    records = RequestRecords(tmp_path_factory.mktemp("records") / "requests.jsonl")
    content = Content(name, "other", "r-1.png", "d" * 64, tuple(aliases))
    line = Record("r-1", "added", "2026-01-31T12:00:00Z", "anna", content=content)
    try:
        records.append(line)
    except UnicodeEncodeError:  # a lone surrogate is no text that a file can hold
        return
    assert records.read().added == {"r-1": content}


def test_a_difference_is_named_by_its_field() -> None:
    other = Content("Mira Talvon", "creature", "elsewhere.png", "d" * 64, ("Mira", "M."), "2026-01-31")
    assert CONTENT.differences(other) == ["kind", "aliases"]
    assert CONTENT.differences(Content(**{**vars(CONTENT), "image": "b.png", "source": "a file"})) == []
