import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.audit.entry import GENESIS
from siu.audit.ledger import Ledger
from siu.errors import StateError
from tests.siu.audit.conftest import COUNT


def test_an_absent_ledger_is_empty(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state" / "ledger.jsonl")
    assert ledger.entries() == ()
    assert ledger.verify() == GENESIS


def test_entries_are_chained(ledger: Ledger) -> None:
    entries = ledger.entries()
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert [entry.previous for entry in entries] == [GENESIS, *(entry.hash for entry in entries[:-1])]
    assert entries[0].data == {"digest": "ab" * 4, "n": 0, "x": 0.1}
    assert entries[0].time.endswith("Z")
    assert ledger.verify() == entries[-1].hash


def test_another_object_goes_on_where_the_first_stopped(ledger: Ledger) -> None:
    other = Ledger(ledger.path)
    assert other.append("released", "r-0", {}).seq == COUNT + 1
    assert ledger.append("verdict", "r-0", {}).seq == COUNT + 2
    assert other.verify() == ledger.verify()


def test_only_the_owner_may_read_it(ledger: Ledger) -> None:
    assert ledger.path.stat().st_mode & 0o077 == 0


def test_a_full_disk_leaves_no_torn_line(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, real = ledger.path.read_bytes(), os.write

    def half_then_full(handle: int, data: bytes) -> int:
        if len(data) > 60:
            return real(handle, data[:60])
        return real(handle, data)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half_then_full)
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            ledger.append("released", "r-0", {})
    assert ledger.path.read_bytes() == whole
    assert ledger.append("released", "r-0", {}).seq == COUNT + 1


@pytest.mark.parametrize(
    ("event", "request_id", "data"),
    [
        ("accepted", "Mira Talvon", {}),
        ("accepted", "r" * 41, {}),
        ("Some event", "r-1", {}),
        ("accepted", "r-1", {"name": "x"}),
        ("accepted", "r-1", {"list": [{"Image": "x"}]}),
    ],
)
def test_only_opaque_ids_go_in(ledger: Ledger, event: str, request_id: str, data: dict[str, Any]) -> None:
    before = ledger.path.read_bytes()
    with pytest.raises(StateError, match="E-LED-007"):
        ledger.append(event, request_id, data)
    assert ledger.path.read_bytes() == before


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": "\ud800"}])
def test_what_json_can_not_hold_is_refused_before_it_is_written(ledger: Ledger, data: dict[str, Any]) -> None:
    before = ledger.path.read_bytes()
    with pytest.raises(ValueError, match=r"JSON|surrogate"):
        ledger.append("accepted", "r-1", data)
    assert ledger.path.read_bytes() == before


KEYS = st.text("xyz019", max_size=3)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.dictionaries(st.integers(0, 20), inner, max_size=3)  # keys that JSON turns into texts
    ),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(KEYS, JSON, max_size=3), max_size=4))
def test_any_json_survives_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[Any, Any]]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("json") / "ledger.jsonl")
    written = [ledger.append("accepted", "", row) for row in rows]
    assert Ledger(ledger.path).entries() == tuple(written)
