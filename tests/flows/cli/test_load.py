"""Many requests over many batches in one workspace: what a batch costs grows no faster than its members.

`SIU_LOAD_REQUESTS` says how many (200), in batches of ten, or in four batches if they are few. Each batch
measures the release on all members anew. The curve is printed as JSON; docs/experiments has one.
"""

import json
import os
import sys
from pathlib import Path

import pytest

from siu.audit.audit import audit
from tests.flows.many_requests import Measured, ask_for, batch, write_many

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]
REQUESTS = int(os.environ.get("SIU_LOAD_REQUESTS", "200"))
EACH = 10 if REQUESTS >= 100 else REQUESTS // 4
FILES = ("artifacts", "mlartifacts", "reports", ".prefect/prefect.db", "mlflow.db", "state/ledger.jsonl")
SLACK = 1.3
"""How much more than in proportion to the members something may grow, fixed costs aside."""


def sizes(root: Path) -> dict[str, float]:
    """Return megabytes by place."""
    return {name: round(_bytes(root / name) / 1e6, 2) for name in FILES}


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def row(members: int, done: Measured, root: Path) -> dict[str, float]:
    return {"members": members, "wall": done.wall, "cpu": done.cpu, "peak_mb": done.peak, **sizes(root)}


def test_nothing_grows_faster_than_the_members(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    write_many(root, REQUESTS)
    rows = []
    for members in range(EACH, REQUESTS + 1, EACH):
        ask_for(root, members - EACH, members)
        done = batch(root)
        assert done.code == 0, done.errors
        rows.append(row(members, done, root))
        sys.stderr.write(json.dumps(rows[-1]) + "\n")
    assert audit(root).faults == ()
    first, middle, last = rows[0], rows[len(rows) // 2], rows[-1]
    for name in ("cpu", "peak_mb", *FILES):
        early, now = middle[name] - first[name], last[name] - middle[name]
        power = 1 if name == "cpu" else 2  # files, and the ledger in memory, grow with members times batches
        low, half, high = (point["members"] ** power for point in (first, middle, last))
        assert now <= SLACK * (high - half) / (half - low) * max(early, 0.1 * middle[name]), name
