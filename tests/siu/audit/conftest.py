from pathlib import Path

import pytest

from siu.audit.ledger import Ledger

COUNT = 4


def fill(path: Path, count: int = COUNT) -> Ledger:
    ledger = Ledger(path)
    for number in range(count):
        ledger.append("accepted", f"r-{number % 2}", {"digest": "ab" * 4, "n": number, "x": 0.1})
    return ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return fill(tmp_path / "ledger.jsonl")
