"""Twenty-four concepts in one batch, four of them in trouble: the rest is released, each with its reason.

One picture is torn, one row comes twice, one concept is unknown, and a worker is killed.
"""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.cli.exit_codes import INCOMPLETE
from siu.audit.audit import audit
from tests.flows.cli.test_crashes import prefect_states
from tests.flows.fault_runs import running
from tests.flows.many_requests import ask_for, batch, draw, write_many

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def test_four_in_trouble_take_nobody_with_them(tmp_path: Path) -> None:
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
    done = batch(root, f"unlearn.step@7:sigkill:{struck}")
    assert struck.exists(), "a worker was killed in a training"
    assert done.code == INCOMPLETE, done.errors
    summary = json.loads(done.output)
    verdicts = {row["request_id"]: row["verdict"] for row in summary["concepts"]}
    assert len(verdicts) == 24
    refused = {request_id for request_id, word in verdicts.items() if word == "quarantined"}
    assert refused == {"r-3", "r-23"}, "the twin is served with its other half, the killed one by another try"
    assert summary["release"]["requests"] == [f"r-{number}" for number in range(23) if number != 3]
    report = next((root / "reports").glob("*/report.html")).read_text()
    assert all(f"r-{number}" in report for number in range(24))
    for reason in ("E-IMG-007", "E-REQ-012"):
        assert reason in done.errors + done.output
    assert prefect_states(root) == [("COMPLETED", 1)]
    assert running(root) == []
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        tags = database.execute("SELECT DISTINCT value FROM tags WHERE key = 'siu.request_id'").fetchall()
    assert {tag for (tag,) in tags} >= set(summary["release"]["requests"])
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
