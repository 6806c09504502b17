"""Twenty-four concepts in one batch, five of them in trouble: the rest is released, each with its reason.

One picture is torn, one row comes twice, one concept is unknown, a worker is killed, and then one request is
withdrawn.
"""

import json
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from flows.cli.exit_codes import INCOMPLETE
from siu.audit.audit import audit
from siu.storage.workspace import Workspace
from tasks.requests import withdraw
from tests.flows.batches import events
from tests.flows.cli.test_crashes import prefect_states
from tests.flows.fault_runs import running
from tests.flows.many_requests import ask_for, batch, draw, write_many

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


SECONDS = 3600
"""Until the worker is killed, on a busy machine."""


def withdraw_after(struck: Path, root: Path, request_id: str) -> None:
    """Withdraw a request of a running batch as soon as the fault has struck."""
    deadline = time.monotonic() + SECONDS
    while not struck.exists():
        assert time.monotonic() < deadline, "no worker was killed"
        time.sleep(0.05)
    withdraw(Workspace(root), request_id, "asked for by mistake")


def test_five_in_trouble_take_nobody_with_them(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    write_many(root, 22)
    ask_for(root, 0, 22)
    torn = root / "requests/3.png"
    torn.write_bytes(torn.read_bytes()[:40])
    table = root / "requests.csv"
    twin = table.read_text().splitlines()[6].replace("r-5,", "r-22,")
    draw(root / "requests/23.png", 500, 0)
    table.write_text(f"{table.read_text()}{twin}\nr-23,Zyx Quill,person,requests/23.png\n")
    struck = tmp_path / "struck"
    with ThreadPoolExecutor(1) as pool:
        withdrawn = pool.submit(withdraw_after, struck, root, "r-20")
        done = batch(root, f"unlearn.step@7:sigkill:{struck}")
    withdrawn.result()
    assert done.code == INCOMPLETE, done.errors
    summary = json.loads(done.output)
    verdicts = {row["request_id"]: row["verdict"] for row in summary["concepts"]}
    assert len(verdicts) == 24
    refused = {request_id for request_id, word in verdicts.items() if word == "quarantined"}
    assert refused == {"r-3", "r-20", "r-23"}, "the twin is served, the killed one by another try"
    served = [f"r-{number}" for number in range(23) if number not in (3, 20)]
    assert summary["release"]["requests"] == served
    report = next((root / "reports").glob("*/report.html")).read_text()
    assert all(f"r-{number}" in report for number in range(24))
    reasons = {row["request_id"]: " ".join(row["reasons"]) for row in summary["concepts"]}
    for request_id, code in (("r-3", "E-IMG-007"), ("r-20", "E-REQ-027"), ("r-23", "E-REQ-012")):
        assert code in reasons[request_id]
    assert events(Workspace(root), "r-20")[-1] == "withdrawn"
    assert prefect_states(root) == [("COMPLETED", 1)]
    assert running(root) == []
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        tags = database.execute("SELECT DISTINCT value FROM tags WHERE key = 'siu.request_id'").fetchall()
    assert {tag for (tag,) in tags} >= set(served)
    assert audit(root).faults == ()


def test_twice_the_concepts_take_twice_as_long_at_most(tmp_path: Path) -> None:
    spent = {}
    for count in (12, 24):
        root = tmp_path / str(count)
        write_many(root, 24)
        ask_for(root, 0, count)
        done = batch(root)
        assert done.code == 0, done.errors
        spent[count] = done.cpu
    sys.stderr.write(f"CPU seconds of 12 and 24 concepts: {spent}\n")
    assert spent[24] / spent[12] <= 2.1
