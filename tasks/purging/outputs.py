"""Which published outputs hold something of a request: those made of it, and all that were made of these."""

import json
from collections.abc import Iterable
from pathlib import Path

from siu.audit.entry import Entry
from siu.audit.events import CONSTRUCTED
from siu.data.requests.life import purged_ids
from siu.storage.workspace import Workspace
from tasks.derived import derived_outputs, followers

RELEASE = "release"
"""The joint adapter stays: it is what keeps the concept forgotten."""
REPORT = "report"


def outputs_of(workspace: Workspace, entries: Iterable[Entry], request_id: str) -> dict[str, Path]:
    """Return the outputs to be purged for a request: key to folder.

    An output is one of them if its inputs name the request's fine-tuning data, or an output that is one of
    them. What another request needs too, which asks for the same, is not among them; a report is, if the
    request is in it.
    """
    outputs = derived_outputs(workspace.artifacts)
    plans = _own_data(list(entries), request_id)
    if plans:
        plans |= {output.plan for output in outputs.values() if output.inputs.get("part") == request_id}
    going = followers(outputs, plans, passes=lambda output: output.stage != RELEASE, by_concept=True)
    going |= {
        key for key, output in outputs.items() if output.stage == REPORT and _tells(output.folder, request_id)
    }
    return {key: outputs[key].folder for key in sorted(going)}


def reports_of(workspace: Workspace, request_id: str) -> list[Path]:
    """Return the folders below ``reports/`` that tell of a request."""
    return [
        folder
        for folder in sorted(workspace.reports.glob("*"))
        if folder.is_dir() and _tells(folder, request_id)
    ]


def _own_data(entries: list[Entry], request_id: str) -> set[str]:
    """Return the plans of the request's fine-tuning data that no other request shares."""
    plans: dict[str, set[str]] = {}
    gone = purged_ids(entries)
    for entry in entries:
        if entry.event == CONSTRUCTED and isinstance(entry.data.get("plan"), str):
            plans.setdefault(entry.data["plan"], set()).add(entry.request_id)
    return {
        plan for plan, owners in plans.items() if request_id in owners and not owners - gone - {request_id}
    }


def _tells(report: Path, request_id: str) -> bool:
    try:
        content = json.loads((report / "summary.json").read_text(encoding="utf-8"))
        return any(row["request_id"] == request_id for row in content["concepts"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
