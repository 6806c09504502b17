"""A certificate's release made again, from the same inputs, in a folder of its own."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.batch import BatchResult, run_batch
from flows.orchestration.schedulers import Plain
from siu.audit.author import lock_digest
from siu.audit.note import PublicKey
from siu.audit.reproduction import Remade, Reproduction, compare
from siu.errors import StateError
from siu.storage.store import read_manifest
from siu.storage.workspace import Workspace
from tasks.certify import checked_certificate
from tasks.inputs import DATA, RELEASES, code_commit, fetch_data, parameters_of
from tasks.predecessor import predecessor
from tasks.runtime.workers import Runner
from tasks.stages import CONCEPT_STAGES

MADE = (
    "artifacts",
    "state",
    "reports",
    "metrics",
    "plots",
    "certificates",
    "audit",
    "comparison",
    "mlartifacts",
    "mlflow.db*",
    ".prefect",
    ".dvc*",
    ".git",
)
"""What a batch makes at the top of a workspace; all else is input, also what has such a name further down."""


def reproduce(
    workspace: Workspace,
    certificate: Path,
    keys: Sequence[PublicKey],
    folder: Path,
    runner: Runner | None = None,
) -> Reproduction:
    """Train a certificate's release again and compare it: byte for byte, and else by what is measured.

    A release that its strategy made on top of another one is made on that one, which is taken as it is.

    Args:
        workspace: Holds requests and pictures. Parameters, collection and base model are fetched by git and
            DVC where a fresh clone lacks those of the certificate.
        certificate: The signed file.
        keys: Public keys that are trusted.
        folder: A new folder to work in; it is left for inspection.
        runner: Where the stages work; None for worker processes.

    Raises:
        InputError: The certificate doesn't hold (`tasks.certify.checked_certificate`).
        StateError: ``E-CRT-005`` the folder is there already, or no release came of the batch; ``007`` the
            data can't be fetched, ``008`` the release that it goes on from isn't here.
    """
    statement = checked_certificate(certificate, keys)
    predicate = statement["predicate"]
    if folder.exists():
        raise StateError("E-CRT-005", "the folder is there already", "Name a new one", str(folder))
    previous = predicate["release"].get("previous", "")
    fetch_data(workspace, (*DATA, RELEASES) if previous else DATA)
    before = predecessor(workspace, previous) if previous else None
    shutil.copytree(workspace.root, folder, ignore=_all_but_inputs(workspace.root, folder))
    fresh = Workspace(folder.resolve())
    named_parameters = predicate["process"].get("parameters", "")
    parameters = parameters_of(workspace, named_parameters) if named_parameters else None
    if parameters is not None:
        fresh.params_file.write_text(parameters, encoding="utf-8")
    if before is not None:
        before.bring_to(fresh)
    workers = 1 if runner else fresh.params().runtime.workers  # in one process all share a model
    result = run_batch(fresh, Plain(workers), until="release", runner=runner)
    released = result.released
    if released is None:
        why = str(result.failures[0]) if result.failures else "no request could be served"
        raise StateError(
            "E-CRT-005", f"no release came of it: {why}", "Look at what the batch said", str(folder)
        )
    request_id = predicate["request"]
    manifest = read_manifest(released.output.folder)
    remade = Remade(
        released.output.digest,
        manifest["files"],
        _plans(result, request_id),
        released.after(request_id) if request_id in released.parts else {},
        lock_digest(),
        code_commit(),
        parameters is not None or not named_parameters,
        manifest["inputs"].get("previous") or "",
    )
    return compare(statement, remade)


def _all_but_inputs(root: Path, target: Path) -> Callable[[str, list[str]], set[str]]:
    """Return what tells `shutil.copytree` which names of a folder are not copied.

    Args:
        root: The workspace.
        target: Where the copy goes, which may lie in the workspace itself.
    """
    made, place = shutil.ignore_patterns(*MADE), target.resolve()

    def ignored(folder: str, names: list[str]) -> set[str]:
        at_top = made(folder, names) if Path(folder) == root else set[str]()
        return at_top | {name for name in names if (Path(folder) / name).resolve() == place}

    return ignored


def _plans(result: BatchResult, request_id: str) -> dict[str, str]:
    """Return the plan digests of a request by stage, in their order; none where it was not served."""
    return {
        stage.name: outcome.outputs[stage.name].digest
        for outcome in result.outcomes
        for stage in CONCEPT_STAGES
        if outcome.request_id == request_id and stage.name in outcome.outputs
    }
