"""Metrics and step losses of the last batch in the form that DVC shows, compares and plots."""

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

from siu.storage.durable import replace_text
from siu.storage.fault_points import fault_point
from siu.storage.jsonl import read_jsonl
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.unlearn import LOSSES

METRICS_FILE = "metrics/summary.json"
LOSSES_FILE = "plots/losses.csv"
_OTHER_FIELDS = frozenset({"request_id", "step", "loss", "gradient_norm", "lr"})


def write_metrics(job: Job, outcomes: Sequence[Outcome], released: Released | None) -> None:
    """Write ``metrics/summary.json`` and ``plots/losses.csv``: numbers by request id, no seconds or names."""
    metrics: dict[str, Any] = {outcome.request_id: outcome.after for outcome in outcomes}
    if released is not None:
        metrics["release"] = {
            request_id: released.after(request_id) for request_id in released.subject.request_ids
        }
    text = json.dumps(metrics, indent=2) + "\n"
    replace_text(job.workspace.root / METRICS_FILE, text)
    fault_point("metrics.written")
    replace_text(job.workspace.root / LOSSES_FILE, _losses(outcomes))


def _losses(outcomes: Sequence[Outcome]) -> str:
    """Return every step's loss and its parts: those of the one objective that a batch has."""
    rows = [
        {"request_id": outcome.request_id, **row}
        for outcome in outcomes
        if outcome.unlearned
        for row in read_jsonl(outcome.outputs["unlearn"].folder / LOSSES)
    ]
    parts = [name for name in (rows[0] if rows else ()) if name not in _OTHER_FIELDS]
    table = StringIO()
    columns = ("request_id", "step", "loss", *parts)
    writer = csv.DictWriter(table, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()
