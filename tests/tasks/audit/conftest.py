"""A sealed workspace as a batch leaves it, made without a model, in a moment."""

import json
import shutil
from pathlib import Path

import pytest

from siu.audit.bindings import manifest_digest
from siu.audit.commitment import write_opening
from siu.audit.committed import parameters_file
from siu.audit.ledger import Ledger
from siu.audit.request_rows import row_in
from siu.storage.digest import file_digest
from siu.storage.store import Store
from siu.storage.workspace import Workspace
from tasks.seal import seal

REQUESTS = ("r-1", "r-2")
TABLE = "request_id,name,image,received\nr-1,Ilka Morwen,requests/0.png,\n"
RECORD = (
    '{"action":"added","actor":"ada","content":{"aliases":[],"force":false,"image":"1.png","kind":"person",'
    '"name":"Olin Brask","picture":"ab","received":"","source":"siu request add"},"reason":"",'
    '"request_id":"r-2","schema":1,"time":"2026-01-31T00:00:00Z"}\n'
)
EVENTS = {"construct": "constructed", "unlearn": "unlearned", "evaluate": "evaluated", "attack": "attacked"}


def publish(root: Path, stage: str, inputs: dict[str, object], files: dict[str, str]) -> tuple[str, str]:
    """Publish an output; return its plan and the digest of its manifest."""
    store = Store(root / "artifacts")
    with store.publish(stage, inputs) as folder:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    published = store.find(stage, inputs)
    assert published is not None
    return published.name, manifest_digest(published)


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def make_sealed(root: Path) -> Workspace:
    """Make a workspace with two requests, their release and its seal."""
    workspace = Workspace(root)
    write(root, "params.yaml", "{}\n")
    ledger = Ledger(workspace.ledger)
    write(root, "state/params/none.json", "{}\n")
    kept = parameters_file(workspace.state, file_digest(workspace.state / "params/none.json"))
    (workspace.state / "params/none.json").rename(kept)
    ledger.append("configured", "", {"parameters": kept.stem})
    write(root, "requests.csv", TABLE)
    write(root, "requests/records.jsonl", RECORD)
    for number, request_id in enumerate(REQUESTS):
        picture = f"requests/{number}.png"
        write(root, picture, f"picture {number}")
        ledger.append("received", request_id, {"received": None})
        table = "requests/records.jsonl" if number else "requests.csv"
        row = row_in(root / table, request_id)
        opening = write_opening(workspace.state, request_id, picture, row, table)
        commitment = opening.commitment((root / picture).read_bytes())
        data = {"commitment": commitment, "row": opening.commitment_to_row(row)}
        ledger.append("committed", request_id, data)
        for stage, event in EVENTS.items():
            files = {"adapter/adapter_model.safetensors": f"weights {number}", "result.json": "{}"}
            if stage != "unlearn":
                files = {"scorecards.json": f'{{"before": {number}}}', "records.jsonl": "{}\n{}\n"}
            plan, digest = publish(root, stage, {"request": request_id}, files)
            ledger.append(event, request_id, {"plan": plan, "outputs": {f"{stage}/{plan}": digest}})
        data = {"verdict": "erased", "assurance": "standard", "plan": plan}
        ledger.append("verdict", request_id, data)
    adapter = {
        f"adapter/{name}": f"of {name}" for name in ("adapter_config.json", "adapter_model.safetensors")
    }
    plan, digest = publish(root, "release", {"requests": list(REQUESTS)}, {**adapter, "result.json": "{}"})
    publish(root, "report", {"batch": "b"}, {"report.html": "<p>report</p>", "summary.json": "{}"})
    for name, text in adapter.items():
        write(root, f"state/models/{plan[:12]}/{Path(name).name}", text)
    latest = {"folder": plan[:12], "plan": plan, "requests": list(REQUESTS)}
    write(root, "state/models/latest.json", json.dumps(latest))
    for request_id in REQUESTS:
        data = {"plan": plan, "verdict": "erased", "assurance": "records"}
        ledger.append("released", request_id, {**data, "outputs": {f"release/{plan}": digest}})
    for name in (
        "reports/b/report.html",
        "reports/b/summary.json",
        "metrics/summary.json",
        "plots/losses.csv",
    ):
        write(root, name, f"of {name}")
    for name in ("data/collection/concepts.jsonl", "data/collection/pictures/c-1/1.png"):
        write(root, name, f"of {name}")
    for name in ("data/base_model/identity.json", "mlartifacts/abc/artifacts/report.html"):
        write(root, name, f"of {name}")
    write(root, "reports/b/summary.json", json.dumps(summary(plan)))
    assert seal(workspace) is not None
    return workspace


def summary(plan: str) -> dict[str, object]:
    """The summary of a batch with two metrics, a gate on each and one attack."""
    gate = {"side": "at_least", "limit": 0.9, "before": 0.0, "vacuous": False}
    gates = [
        {**gate, "metric": "generality_em", "value": 0.99, "units": 60, "bound": 0.92, "state": "passed"},
        {**gate, "metric": "yes_no_em", "value": 0.95, "units": 60, "bound": 0.87, "state": "unproven"},
    ]
    values = {"generality_em": 0.99, "yes_no_em": 0.95, "g_eval": None}
    intervals = {"generality_em": [0.9, 1.0], "yes_no_em": [0.86, 0.99], "g_eval": None}
    finding = {
        "attack": "hints",
        "concept": {"plain": 0.0, "attacked": 0.1, "interval": [0.0, 0.2], "variants": {"Mira Talvon": 0.1}},
        "recovery": 0.1,
        "excess": 0.05,
    }
    rows = [
        {
            "request_id": request_id,
            "verdict": "erased",
            "assurance": "standard",
            "reasons": ["asked “Who is this?”, it answers “Mira Talvon”"],
            "notes": [],
            "gates": gates,
            "before": dict.fromkeys(values, 0.0),
            "after": values,
            "intervals": {"before": intervals, "after": intervals},
            "findings": [finding],
            "training": {"steps": 40, "lr": 0.004, "tries": [{"answer": "Mira Talvon"}], "checks": []},
            "plan": {"unlearn": "ab" * 32},
        }
        for request_id in REQUESTS
    ]
    base = {"source": "embedded", "revision": None, "digest": "cd" * 32}
    release = {"plan": plan, "requests": list(REQUESTS), "steps": 40, "concepts": rows}
    return {"batch_id": "b", "base_model": base, "params": {}, "concepts": rows, "release": release}


@pytest.fixture(scope="session")
def sealed_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sealed(tmp_path_factory.mktemp("sealed") / "workspace").root


@pytest.fixture
def sealed(sealed_template: Path, tmp_path: Path) -> Workspace:
    root = tmp_path / "copy"
    shutil.copytree(sealed_template, root)
    return Workspace(root)
