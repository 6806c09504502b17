import errno
import json
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from siu.audit import ledger as ledger_module
from siu.audit.entry import GENESIS, SCHEMA
from siu.audit.ledger import Ledger
from siu.digest import canonical_json, value_digest
from siu.errors import StateError

COUNT = 4


def fill(path: Path, count: int = COUNT) -> Ledger:
    ledger = Ledger(path)
    for number in range(count):
        ledger.append("accepted", f"r-{number % 2}", {"digest": "ab" * 4, "n": number, "x": 0.1})
    return ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return fill(tmp_path / "ledger.jsonl")


def lines(ledger: Ledger) -> list[bytes]:
    return ledger.path.read_bytes().splitlines(keepends=True)


def test_an_absent_ledger_is_empty(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state" / "ledger.jsonl")
    assert ledger.entries() == ()
    assert ledger.verify() == GENESIS
    assert ledger.state_of("r-1") is None


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
    assert ledger.append("certified", "r-0", {}).seq == COUNT + 2
    assert other.verify() == ledger.verify()


def test_the_state_is_the_last_event(ledger: Ledger) -> None:
    ledger.append("released", "r-0", {})
    assert (ledger.state_of("r-0"), ledger.state_of("r-1")) == ("released", "accepted")


def test_only_the_owner_may_read_it(ledger: Ledger) -> None:
    assert ledger.path.stat().st_mode & 0o077 == 0


def break_and_verify(ledger: Ledger, content: bytes) -> StateError:
    ledger.path.write_bytes(content)
    with pytest.raises(StateError, match="E-LED-00") as caught:
        Ledger(ledger.path).verify()
    with pytest.raises(StateError, match=caught.value.code):  # and it is not written to any more
        Ledger(ledger.path).append("released", "r-0", {})
    assert ledger.path.read_bytes() == content
    return caught.value


@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_any_flipped_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, place: float, change: int
) -> None:
    ledger = fill(tmp_path_factory.mktemp("flip") / "ledger.jsonl", 3)
    content = bytearray(ledger.path.read_bytes())
    index = int(place * len(content))
    line = content[:index].count(b"\n") + 1
    content[index] ^= change
    error = break_and_verify(ledger, bytes(content))
    assert error.code in ("E-LED-001", "E-LED-003", "E-LED-004")
    assert error.where == f"{ledger.path}:{line}"


def test_every_flip_of_one_bit_is_found(tmp_path: Path) -> None:
    ledger = fill(tmp_path / "ledger.jsonl", 2)
    content = ledger.path.read_bytes()
    for index in range(len(content)):
        changed = bytearray(content)
        changed[index] ^= 1
        ledger.path.write_bytes(changed)
        with pytest.raises(StateError, match=r"E-LED-00[13]"):
            ledger.verify()


@pytest.mark.parametrize("index", range(COUNT - 1))
def test_a_dropped_entry_is_found(ledger: Ledger, index: int) -> None:
    left = [line for number, line in enumerate(lines(ledger)) if number != index]
    assert break_and_verify(ledger, b"".join(left)).where == f"{ledger.path}:{index + 1}"


@pytest.mark.parametrize("index", range(COUNT - 1))
def test_swapped_entries_are_found(ledger: Ledger, index: int) -> None:
    found = lines(ledger)
    found[index], found[index + 1] = found[index + 1], found[index]
    error = break_and_verify(ledger, b"".join(found))
    assert (error.code, error.where) == ("E-LED-002", f"{ledger.path}:{index + 1}")


@pytest.mark.parametrize("index", range(COUNT))
def test_a_repeated_entry_is_found(ledger: Ledger, index: int) -> None:
    found = lines(ledger)
    found.insert(index, found[index])
    error = break_and_verify(ledger, b"".join(found))
    assert (error.code, error.where) == ("E-LED-002", f"{ledger.path}:{index + 2}")


@pytest.mark.parametrize(
    "insert", [b"\n", b"{}\n", b"[]\n", b'{"schema":1}\n', b" \n", b"NaN\n", b"[" * 99999 + b"\n"]
)
def test_foreign_lines_are_found(ledger: Ledger, insert: bytes) -> None:
    error = break_and_verify(ledger, ledger.path.read_bytes() + insert)
    assert (error.code, error.where) == ("E-LED-001", f"{ledger.path}:{COUNT + 1}")


def forge(ledger: Ledger, **changes: Any) -> bytes:
    """The last line with changed fields and a fitting hash."""
    content = {**json.loads(lines(ledger)[-1]), **changes}
    del content["hash"]
    return (canonical_json({**content, "hash": value_digest(content)}) + "\n").encode()


def test_a_changed_entry_with_a_new_hash_breaks_the_next_one(ledger: Ledger) -> None:
    head = ledger.verify()
    forged = b"".join(lines(ledger)[:-1]) + forge(ledger, request_id="r-9")
    ledger.path.write_bytes(forged)
    Ledger(ledger.path).verify()  # at the end of the chain only a head kept elsewhere shows it
    with pytest.raises(StateError, match="E-LED-005"):
        Ledger(ledger.path).verify(expected_head=head)


def test_equal_json_in_another_form_is_found(ledger: Ledger) -> None:
    *before, last = lines(ledger)
    for other in (last.replace(b",", b", ", 1), last.replace(b"{", b'{"seq":9,', 1)):
        assert break_and_verify(ledger, b"".join([*before, other])).code == "E-LED-001"


def test_a_cut_tail_is_shown_by_a_head_kept_elsewhere(ledger: Ledger) -> None:
    old, head = ledger.entries()[1].hash, ledger.verify()
    assert ledger.verify(expected_head=old) == head  # it may have grown
    ledger.path.write_bytes(b"".join(lines(ledger)[:-1]))
    Ledger(ledger.path).verify()
    with pytest.raises(StateError, match=r"E-LED-005.*cut off"):
        Ledger(ledger.path).verify(expected_head=head)
    ledger.path.unlink()
    with pytest.raises(StateError, match="E-LED-005"):
        Ledger(ledger.path).verify(expected_head=head)


def test_a_process_sees_that_the_ledger_shrank(ledger: Ledger) -> None:
    ledger.path.write_bytes(b"".join(lines(ledger)[:-1]))
    with pytest.raises(StateError, match=r"E-LED-005.*shorter"):
        ledger.append("released", "r-0", {})


def test_a_newer_schema_is_refused(ledger: Ledger) -> None:
    newer = b"".join(lines(ledger)[:-1]) + forge(ledger, schema=SCHEMA + 1, more=1)
    error = break_and_verify(ledger, newer)
    assert (error.code, error.remedy) == ("E-LED-003", "Update siu")


@pytest.mark.parametrize("cut", [1, 2, 50, -1])
def test_a_torn_line_is_told_from_tampering_and_repaired_with_a_record(ledger: Ledger, cut: int) -> None:
    *before, last = lines(ledger)
    torn = last[:-cut] if cut > 0 else last[:1]
    error = break_and_verify(ledger, b"".join([*before, torn]))
    assert (error.code, error.where) == ("E-LED-004", f"{ledger.path}:{COUNT}")
    entry = Ledger(ledger.path).repair()
    assert entry is not None
    assert (entry.event, entry.seq, entry.data["bytes"]) == ("ledger_repaired", COUNT, len(torn))
    assert ledger.path.with_name(f"ledger.jsonl.torn-{COUNT}").read_bytes() == torn
    assert Ledger(ledger.path).verify() == entry.hash
    assert Ledger(ledger.path).repair() is None


def test_a_torn_line_of_zeros_or_half_a_letter_is_torn(ledger: Ledger) -> None:
    whole = ledger.path.read_bytes()
    for tail in (b"\0" * 40, b'{"data":{"a":"\xc3'):
        assert break_and_verify(ledger, whole + tail).code == "E-LED-004"


def test_tampering_is_never_repaired(ledger: Ledger) -> None:
    content = ledger.path.read_bytes().replace(b"r-1", b"r-7", 1) + b"{"
    ledger.path.write_bytes(content)
    with pytest.raises(StateError, match="E-LED-001"):
        Ledger(ledger.path).repair()
    assert ledger.path.read_bytes() == content


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


def test_a_busy_ledger_names_the_remedy(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "LOCK_SECONDS", 0.05)
    with FileLock(f"{ledger.path}.lock"), pytest.raises(StateError, match=r"E-LED-006.*[Ww]ait"):
        ledger.append("released", "r-0", {})


def _append_many(path: Path) -> None:
    ledger = Ledger(path)
    for _ in range(10):
        ledger.append("accepted", "r-1", {})


def test_processes_append_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append_many, args=(path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(Ledger(path).entries()) == 20


def test_threads_append_side_by_side(tmp_path: Path) -> None:
    shared = Ledger(tmp_path / "ledger.jsonl")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: shared.append("accepted", "r-1", {}), range(20)))
        list(pool.map(lambda _: _append_many(shared.path), range(2)))
    assert len(shared.entries()) == 40


def _append_for_ever(path: Path) -> None:
    while True:
        Ledger(path).append("accepted", "r-1", {"padding": "x" * 5000})


def test_a_killed_writer_leaves_a_whole_or_a_torn_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    process = multiprocessing.get_context("spawn").Process(target=_append_for_ever, args=(path,))
    process.start()
    while not path.exists() or path.stat().st_size < 20_000:
        assert process.is_alive()
        time.sleep(0.01)
    process.kill()
    process.join()
    whole = path.read_bytes().count(b"\n")
    Ledger(path).repair()  # None, or an entry about the torn line
    entries = Ledger(path).entries()
    assert len(entries) - whole in (0, 1)
    assert Ledger(path).append("released", "r-1", {}).seq == len(entries) + 1
