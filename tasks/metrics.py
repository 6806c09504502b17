"""Metrics and step losses of the last batch in the form that DVC shows, compares and plots."""

import csv
import json
from collections.abc import Sequence
from typing import Any

from siu.jsonl import read_jsonl
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.release import members
from tasks.unlearn import LOSSES

METRICS_FILE = "metrics/summary.json"
LOSSES_FILE = "plots/losses.csv"
COLUMNS = ("request_id", "step", "loss", "cross_entropy", "dual_masked_kl")


def write_metrics(job: Job, outcomes: Sequence[Outcome], released: Released | None) -> None:
    """Write ``metrics/summary.json`` and ``plots/losses.csv``: numbers by request id, no seconds or names."""
    metrics: dict[str, Any] = {outcome.request_id: outcome.after for outcome in outcomes}
    if released is not None:
        metrics["release"] = {one: released.after(one) for one in members(released.subject)}
    text = json.dumps(metrics, indent=2) + "\n"
    (job.workspace.root / METRICS_FILE).write_text(text, encoding="utf-8")
    with (job.workspace.root / LOSSES_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for outcome in outcomes:
            if outcome.unlearned:
                for row in read_jsonl(outcome.outputs["unlearn"].folder / LOSSES):
                    writer.writerow({"request_id": outcome.request_id, **row})
