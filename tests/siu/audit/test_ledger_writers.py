import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from siu.audit import ledger as ledger_module
from siu.audit.ledger import Ledger
from siu.errors import StateError


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
