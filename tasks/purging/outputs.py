"""Which published outputs hold something of a request: those made of it, and all that were made of these."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from siu.audit.bindings import OUTPUT, outputs_below
from siu.audit.entry import Entry
from siu.errors import StateError
from siu.storage.digest import folder_digest
from siu.storage.store import read_manifest
from siu.storage.workspace import Workspace

RELEASE = "release"
"""The joint adapter stays: it is what keeps the concept forgotten."""


def outputs_of(workspace: Workspace, entries: Iterable[Entry], request_id: str) -> dict[str, Path]:
    """Return the outputs to be purged for a request: key to folder.

    An output is one of them if its inputs name the request's fine-tuning data, or an output that is one of
    them. What another request needs too, which asks for the same, is not among them; a report is, if the
    request is in it.
    """
    inputs = {}
    for output, folder in outputs_below(workspace.artifacts):
        if OUTPUT.fullmatch(output):
            try:
                inputs[output] = read_manifest(folder)["inputs"]
            except StateError:
                inputs[output] = {}
    tokens = _own_data(list(entries), request_id)
    found: set[str] = set()
    while True:
        new = {
            output
            for output in inputs.keys() - found
            if not output.startswith(f"{RELEASE}/") and _holds(output, inputs[output], tokens, request_id)
        }
        if not new:
            break
        found |= new
        for output in new:
            tokens |= _tokens(workspace, output, inputs[output])
    found |= {
        output
        for output in inputs
        if output.startswith("report/") and _reported(workspace, output, request_id)
    }
    return {output: workspace.artifacts / output for output in sorted(found)}


def reports_of(workspace: Workspace, request_id: str) -> list[Path]:
    """Return the folders below ``reports/`` that tell of a request."""
    return [
        folder
        for folder in sorted(workspace.reports.glob("*"))
        if folder.is_dir() and _tells(folder / "summary.json", request_id)
    ]


def _own_data(entries: list[Entry], request_id: str) -> set[str]:
    """Return the plans of the request's fine-tuning data that no other request shares."""
    plans: dict[str, set[str]] = {}
    gone = {entry.request_id for entry in entries if entry.event == "purged"}
    for entry in entries:
        if entry.event == "constructed" and isinstance(entry.data.get("plan"), str):
            plans.setdefault(entry.data["plan"], set()).add(entry.request_id)
    return {
        plan for plan, owners in plans.items() if request_id in owners and not owners - gone - {request_id}
    }


def _holds(output: str, inputs: Mapping[str, Any], tokens: set[str], request_id: str) -> bool:
    text = json.dumps(inputs)
    is_own = output.partition("/")[2] in tokens or (bool(tokens) and inputs.get("part") == request_id)
    return is_own or any(token in text for token in tokens)


def _tokens(workspace: Workspace, output: str, inputs: Mapping[str, Any]) -> set[str]:
    """Return by what later outputs name this one."""
    stage, _, plan = output.partition("/")
    tokens = {plan}
    adapter = workspace.artifacts / output / "adapter"
    if adapter.is_dir():
        tokens.add(folder_digest(adapter))
    if stage == "finding" and isinstance(inputs.get("concept"), str):
        tokens.add(inputs["concept"])
    return tokens


def _reported(workspace: Workspace, output: str, request_id: str) -> bool:
    return _tells(workspace.artifacts / output / "summary.json", request_id)


def _tells(summary: Path, request_id: str) -> bool:
    try:
        content = json.loads(summary.read_text(encoding="utf-8"))
        return any(row["request_id"] == request_id for row in content["concepts"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
