"""A workspace as a batch leaves it, written by hand: one released request, one in quarantine."""

import json
from pathlib import Path
from typing import Any

from siu.audit.ledger import Ledger
from siu.storage.workspace import Workspace

PLAN = "ab" * 32


def summary(batch: str) -> dict[str, Any]:
    """What the program's part of a report holds of it."""
    own = {
        "request_id": "r-1",
        "verdict": "erased",
        "assurance": "quick",
        "reasons": [],
        "before": {"generality_em": 0.0},
        "after": {"generality_em": 1.0},
        "findings": [],
        "plan": {"unlearn": "cd" * 32},
    }
    released = {
        **own,
        "verdict": "partial",
        "after": {"generality_em": 0.5},
        "findings": [{"attack": "hints"}],
    }
    refused = {"request_id": "r-2", "verdict": "quarantined", "reasons": ["E-REQ-012 …"], "after": {}}
    return {
        "batch_id": batch,
        "concepts": [own, refused],
        "release": {"requests": ["r-1"], "plan": PLAN, "concepts": [released]},
    }


def write_finished(root: Path, *batches: str) -> Workspace:
    """Write ledger, release and reports; the last batch is the newest."""
    workspace = Workspace(root)
    root.mkdir(parents=True, exist_ok=True)
    workspace.params_file.write_text("seed: 0\n")
    ledger = Ledger(workspace.ledger)
    ledger.append("received", "r-1", {})
    ledger.append("verdict", "r-1", {"verdict": "partial", "assurance": "quick"})
    ledger.append("quarantined", "r-2", {"code": "E-REQ-012"})
    ledger.append("released", "r-1", {"plan": PLAN})
    (workspace.models / PLAN[:12]).mkdir(parents=True)
    latest = {"folder": PLAN[:12], "plan": PLAN}
    (workspace.models / "latest.json").write_text(json.dumps(latest))
    for batch in batches:
        folder = workspace.reports / batch
        folder.mkdir(parents=True)
        (folder / "summary.json").write_text(json.dumps(summary(batch)))
        for name in ("report.html", "report-redacted.html"):
            (folder / name).write_text(f"<!doctype html><title>{batch}</title>")
    return workspace
