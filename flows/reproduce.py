"""A certificate's release made again, from the same inputs, in a folder of its own."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.batch import run_batch
from flows.orchestration.schedulers import Plain
from siu.audit.author import lock_digest
from siu.audit.ledger import Ledger
from siu.audit.note import PublicKey
from siu.errors import StateError
from siu.storage.store import read_manifest
from siu.storage.workspace import Workspace
from tasks.certify import checked_certificate
from tasks.deploy import LATEST, latest_release
from tasks.inputs import code_commit, fetch_data, parameters_of
from tasks.runtime.workers import Runner
from tasks.stages import CONCEPT_STAGES, EVENTS

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


@dataclass(frozen=True)
class Reproduction:
    """What came of it.

    Attributes:
        differences: What differs, in the order of the way from the request to the release; empty for none.
        files: How many files of the adapter were compared.
    """

    differences: tuple[str, ...]
    files: int

    @property
    def lines(self) -> list[str]:
        """What came of it, for a person."""
        if not self.differences:
            return [f"equal bytes: {self.files} files of the released adapter"]
        return [f"different, first: {self.differences[0]}", *self.differences[1:]]


def reproduce(
    workspace: Workspace,
    certificate: Path,
    keys: Sequence[PublicKey],
    folder: Path,
    runner: Runner | None = None,
) -> Reproduction:
    """Train a certificate's release again and compare it, byte for byte.

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
            data can't be fetched.
    """
    statement = checked_certificate(certificate, keys)
    predicate = statement["predicate"]
    if folder.exists():
        raise StateError("E-CRT-005", "the folder is there already", "Name a new one", str(folder))
    fetch_data(workspace)
    shutil.copytree(workspace.root, folder, ignore=_all_but_inputs(workspace.root, folder))
    fresh = Workspace(folder.resolve())
    named_parameters = predicate["process"].get("parameters", "")
    parameters = parameters_of(workspace, named_parameters) if named_parameters else None
    if parameters is not None:
        fresh.params_file.write_text(parameters, encoding="utf-8")
    workers = 1 if runner else fresh.params().runtime.workers  # in one process all share a model
    result = run_batch(fresh, Plain(workers), until="release", runner=runner)
    release = latest_release(fresh)
    if release is None:
        why = str(result.failures[0]) if result.failures else "no request could be served"
        remedy = "Look at what the batch said"
        raise StateError("E-CRT-005", f"no release came of it: {why}", remedy, str(fresh.models / LATEST))
    files = read_manifest(fresh.artifacts / "release" / release.plan)["files"]
    named = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    differences = [
        *_environment(predicate["process"]),
        *([] if parameters is not None or not named_parameters else ["the parameters"]),
        *_plans(fresh, predicate),
        *([] if release.plan == predicate["release"]["plan"] else ["the release's inputs"]),
        *(f"the bytes of {name}" for name in sorted(named) if files.get(name) != named[name]),
    ]
    if differences:
        differences = [*_code(predicate["process"]), *differences]
    return Reproduction(tuple(differences), len(named))


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


def _environment(process: Mapping[str, Any]) -> list[str]:
    """Return what of the environment differs; it may explain the rest."""
    return [] if process.get("lock") == lock_digest() else ["the installed distributions"]


def _code(process: Mapping[str, Any]) -> list[str]:
    """Return the commit of the code where it is another one: most commits change no byte of a release."""
    commit, here = process.get("code"), code_commit()
    if not commit or not here or commit == here:
        return []
    return [f"the code: commit {commit[:12]}, here {here[:12]} (git checkout {commit})"]


def _plans(fresh: Workspace, predicate: Mapping[str, Any]) -> list[str]:
    """Return the stages of the request whose inputs differ, in their order."""
    event_of = {event: stage for stage, event in EVENTS.items()}
    made = {
        event_of[entry.event]: entry.data.get("plan")
        for entry in Ledger(fresh.ledger).entries()
        if entry.request_id == predicate["request"] and entry.event in event_of
    }
    named = predicate["process"]["plans"]
    return [
        f"the inputs of {stage.name}"
        for stage in CONCEPT_STAGES
        if stage.name in made and stage.name in named and made[stage.name] != named[stage.name]
    ]
