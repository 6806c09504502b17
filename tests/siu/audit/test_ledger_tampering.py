import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.audit.entry import SCHEMA
from siu.audit.ledger import Ledger
from siu.errors import StateError
from siu.storage.digest import canonical_json, value_digest
from tests.siu.audit.conftest import COUNT, fill


def lines(ledger: Ledger) -> list[bytes]:
    return ledger.path.read_bytes().splitlines(keepends=True)


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
