"""Batches in this process, and what they leave."""

import json

from ruamel.yaml import YAML

from flows.batch import BatchResult, run_batch
from flows.orchestration.schedulers import Plain
from siu.audit.ledger import Ledger
from siu.storage.workspace import Workspace
from tasks.runtime.workers import Inline
from tasks.stage import TIMING


def run(workspace: Workspace, until: str = "report") -> BatchResult:
    return run_batch(workspace, Plain(1), until=until, runner=Inline())


def change(workspace: Workspace, section: str, **values: object) -> None:
    yaml = YAML()
    params = yaml.load(workspace.params_file)
    params[section].update(values)
    yaml.dump(params, workspace.params_file)


def events(workspace: Workspace, request_id: str) -> list[str]:
    return [entry.event for entry in Ledger(workspace.ledger).entries() if entry.request_id == request_id]


def outputs(workspace: Workspace, stage: str) -> set[str]:
    return {path.name for path in (workspace.artifacts / stage).iterdir()}


def seconds(workspace: Workspace, stage: str) -> float:
    """What all outputs of a stage took."""
    return sum(json.loads(path.read_text()) for path in workspace.artifacts.glob(f"{stage}/*/{TIMING}"))
