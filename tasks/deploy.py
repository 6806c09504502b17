"""Releases where people find them: a copy of each adapter below ``state/models/``, and which one is deployed.

What is deployed is what was measured: the copy's bytes are those of the release's manifest, whenever they are
used.
"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from siu.audit.bindings import bindings_of, changed_output, manifest_digest
from siu.audit.events import RELEASED, WAITING
from siu.audit.ledger import Ledger
from siu.data.requests.life import purged_ids
from siu.errors import ConceptError, InputError, StateError
from siu.storage.digest import file_digest
from siu.storage.durable import flush, flush_tree, replace_text
from siu.storage.fault_points import fault_point
from siu.storage.store import Store, read_manifest
from siu.storage.workspace import Workspace
from tasks.job import Job
from tasks.lineage import carried
from tasks.outcome import Released
from tasks.release import RELEASE
from tasks.replay import REPLAY, Recording, read_recording
from tasks.unlearn import ADAPTER

LATEST = "latest.json"
SHORT = 12
WEIGHTS = "adapter_model.safetensors"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class MeasuredRelease:
    """A release that was published, whether it is still the latest or not.

    Attributes:
        workspace: Where.
        plan: Plan digest of the release.
    """

    workspace: Workspace
    plan: str

    @property
    def folder(self) -> Path:
        """The PEFT folder that is deployed."""
        return self.workspace.models / self.plan[:SHORT]

    def verdicts(self) -> dict[str, str]:
        """Return the last verdict of each request in this release, as the ledger has it; it may have none."""
        entries = Ledger(self.workspace.ledger).entries()
        return {
            entry.request_id: str(entry.data.get("verdict"))
            for entry in entries
            if entry.event in (RELEASED, WAITING) and entry.data.get("plan") == self.plan
        }

    def check(self) -> None:
        """Check that the deployed folder is what was published and measured.

        Raises:
            StateError: See `latest_release`.
        """
        _check_copy(self.folder, published_release(self.workspace, self.plan))

    def recording(self) -> Recording:
        """Return the recorded answers that the release must give wherever it is loaded.

        Raises:
            StateError: ``E-REL-003`` they are not there; ``E-STO-003`` they were changed.
        """
        store = Store(self.workspace.artifacts)
        for folder in _outputs(self.workspace, REPLAY.name):
            if read_manifest(folder)["inputs"].get("adapter") == self.plan:
                output = store.at(REPLAY.name, folder.name, verify=True)
                assert output is not None
                return read_recording(output)
        what = "the answers that the release was measured by are not there"
        raise StateError("E-REL-003", what, "Run `siu batch`", str(store.root / REPLAY.name))


def lay_out(job: Job, released: Released) -> Path:
    """Copy the release's adapter to ``state/models/<plan>``; whether it is deployed is decided elsewhere.

    Raises:
        StateError: ``E-STO-003`` the release's files are not those that were published; ``E-REL-003`` an
            earlier copy of it was changed.
        ConceptError: ``E-PRG-004`` it would no longer forget a request that was purged.
    """
    _refuse_to_lose(job, released)
    models, plan = job.workspace.models, released.output.digest
    deployed = MeasuredRelease(job.workspace, plan)
    source = published_release(job.workspace, plan)
    if not deployed.folder.is_dir():
        partial = models / f".{deployed.folder.name}.new"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source / ADAPTER, partial)
        flush_tree(partial)
        fault_point("deploy.copy")
        partial.rename(deployed.folder)
        flush(models)
    _check_copy(deployed.folder, source)
    return deployed.folder


def name_latest(workspace: Workspace, plan: str, number: int, requests: tuple[str, ...]) -> None:
    """Name a release whose files are laid out and checked as the one that is deployed, unless it is."""
    content = {"folder": plan[:SHORT], "number": number, "plan": plan, "requests": requests}
    text, file = json.dumps(content, indent=2) + "\n", workspace.models / LATEST
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        replace_text(file, text)


def chosen_adapter(workspace: Workspace, adapter: Path | None) -> Path:
    """Return the adapter that the user names, or else the latest release's.

    Raises:
        InputError: ``E-ASK-001`` none is named, and nothing is released yet.
        StateError: See `latest_release`.
    """
    chosen = adapter or latest_adapter(workspace)
    if chosen is None:
        raise InputError(
            "E-ASK-001", "nothing is released here yet", "Run `siu batch`, or name an --adapter folder"
        )
    return chosen


def latest_adapter(workspace: Workspace) -> Path | None:
    """Return the folder of the latest release's adapter, or None.

    Raises:
        StateError: See `latest_release`.
    """
    latest = latest_release(workspace)
    return latest.folder if latest else None


def latest_release(workspace: Workspace) -> MeasuredRelease | None:
    """Return the latest release, or None; its files are those that were published and measured.

    Raises:
        StateError: ``E-REL-002`` ``latest.json`` is broken or names something else than a release; ``003``
            the deployed files or the release are missing or changed, see also `siu.storage.store.Store.find`.
    """
    file = workspace.models / LATEST
    if not file.is_file():
        return None
    deployed = _read_latest(workspace, file)
    _check_copy(deployed.folder, published_release(workspace, deployed.plan))
    return deployed


def is_deployed(workspace: Workspace, plan: str) -> bool:
    """Return whether the release of this plan is the one that is named the latest; files are not checked."""
    file = workspace.models / LATEST
    return file.is_file() and _read_latest(workspace, file).plan == plan


def release_of_adapter(workspace: Workspace, adapter: Path) -> MeasuredRelease | None:
    """Return the release whose weights an adapter has, wherever it lies; None for any other adapter.

    Raises:
        StateError: ``E-STO-002`` an output has no usable manifest.
    """
    digest = file_digest(adapter / WEIGHTS)
    for folder in _outputs(workspace, RELEASE.name):
        if read_manifest(folder)["files"].get(f"{ADAPTER}/{WEIGHTS}") == digest:
            return MeasuredRelease(workspace, folder.name)
    return None


def _refuse_to_lose(job: Job, released: Released) -> None:
    """Refuse a release that lacks a purged request: its data are gone, so only the old adapter forgets it.

    One that was trained on from that adapter lacks nothing.
    """
    workspace = job.workspace
    purged = purged_ids(Ledger(workspace.ledger).entries())
    file = workspace.models / LATEST
    if not purged or not file.is_file():
        return
    deployed = json.loads(file.read_text(encoding="utf-8")).get("requests", [])
    held = {*released.subject.request_ids, *carried(job, released.subject)}
    if lost := sorted(purged.intersection(deployed) - held):
        what = f"the release would no longer forget {', '.join(lost)}, whose data were purged"
        raise ConceptError("E-PRG-004", what, "The former release stays deployed", str(file))


def _outputs(workspace: Workspace, stage: str) -> list[Path]:
    """Return all published outputs of a stage."""
    folders = (workspace.artifacts / stage).glob("*")
    return sorted(folder for folder in folders if _DIGEST.fullmatch(folder.name))


def _read_latest(workspace: Workspace, file: Path) -> MeasuredRelease:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        folder, plan = content["folder"], content["plan"]
        if not _DIGEST.fullmatch(plan):
            raise ValueError(f"{plan!r} is no plan digest")
        if folder != plan[:SHORT]:
            raise ValueError(f"it names the folder {folder!r}, not that of its plan")
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        what = f"{LATEST} can't be used ({type(error).__name__}: {error})"
        raise StateError("E-REL-002", what, "Remove the file and run `siu batch`", str(file)) from error
    return MeasuredRelease(workspace, plan)


def published_release(workspace: Workspace, plan: str) -> Path:
    """Return a release's output with every file as its manifest has it, which is as the ledger binds it.

    Raises:
        StateError: ``E-REL-003`` it isn't there; see also `siu.storage.store.Store.at`.
        TamperedError: The manifest was changed.
    """
    folder = Store(workspace.artifacts).at(RELEASE.name, plan, verify=True)
    output = f"{RELEASE.name}/{plan}"
    bound = bindings_of(Ledger(workspace.ledger).entries()).outputs.get(output)
    if folder is not None and bound is not None and manifest_digest(folder) != bound[0]:
        raise changed_output(output)
    if folder is None:
        what = "the release that was measured is not there, so nothing shows that its copy is the same"
        place = str(workspace.artifacts / RELEASE.name / plan)
        raise StateError("E-REL-003", what, "Run `siu batch`", place)
    return folder


def _check_copy(copy: Path, published: Path) -> None:
    """Refuse a deployed folder whose files are not those of the release's manifest, each and no other."""
    prefix = f"{ADAPTER}/"
    files = read_manifest(published)["files"]
    expected = {name.removeprefix(prefix): files[name] for name in files if name.startswith(prefix)}
    there = {path.relative_to(copy).as_posix(): path for path in copy.rglob("*") if not path.is_dir()}
    odd = sorted(there.keys() ^ expected.keys())
    odd += [name for name in sorted(there.keys() & expected) if _differs(there[name], expected[name])]
    if odd or copy.is_symlink() or not copy.is_dir():
        what = f"the deployed adapter is not the one that was measured ({odd[0] if odd else 'a link'})"
        raise StateError("E-REL-003", what, "Remove the folder and run `siu batch`", str(copy))


def _differs(path: Path, digest: str) -> bool:
    return path.is_symlink() or not path.is_file() or file_digest(path) != digest
