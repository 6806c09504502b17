"""Outputs held against the ledger: each file of each, and the deployed release."""

import json
import re
from pathlib import Path
from typing import Any

from siu.audit.bindings import OUTPUT, Bindings, outputs_below
from siu.audit.fault import Fault
from siu.errors import StateError
from siu.storage.digest import file_digest
from siu.storage.store import MANIFEST, read_manifest

RELEASE, ADAPTER, LATEST, SHORT = "release", "adapter", "latest.json", 12
MODELS = "state/models"
_PLAN = re.compile(r"[0-9a-f]{64}")


def check_outputs(artifacts: Path, bindings: Bindings) -> list[Fault]:
    """Return what of the published outputs is not as the ledger, or at least its own manifest, has it."""
    faults = []
    there = dict(outputs_below(artifacts))
    for output, (digest, entry) in bindings.outputs.items():
        folder = there.get(output)
        if folder is None:
            faults.append(Fault("E-LED-017", "the output is missing", f"artifacts/{output}", entry))
        else:
            faults += check_output(folder, output, digest, entry)
    for output, folder in there.items():
        if output not in bindings.outputs:
            faults += _unbound(folder, output, bindings)
    strays = sorted(path for path in artifacts.glob("[!.]*") if not path.is_dir() or path.is_symlink())
    faults += [Fault("E-LED-014", "no output: it was put there", f"artifacts/{path.name}") for path in strays]
    return faults


def check_output(folder: Path, output: str, digest: str, entry: int) -> list[Fault]:
    """Return what of one output differs from its manifest, and whether that is the one the ledger binds.

    Args:
        folder: Where it lies.
        output: ``stage/plan``.
        digest: sha256 of the manifest by the ledger; empty if it binds none.
        entry: Number of the entry that says so.
    """
    place = f"artifacts/{output}"
    if folder.is_symlink() or folder.parent.is_symlink() or folder.parents[1].is_symlink():
        return [Fault("E-LED-017", "the output was replaced by a link", place, entry)]
    try:
        manifest = read_manifest(folder)
        manifest_digest = file_digest(folder / MANIFEST)
    except (StateError, OSError) as error:
        why = error.what if isinstance(error, StateError) else type(error).__name__
        return [Fault("E-LED-017", f"the output can't be used: {why}", f"{place}/{MANIFEST}", entry)]
    faults = []
    if (folder / MANIFEST).is_symlink():
        faults.append(Fault("E-LED-017", "the manifest was replaced by a link", f"{place}/{MANIFEST}", entry))
    if digest and manifest_digest != digest:
        faults.append(Fault("E-LED-017", "the manifest was changed", f"{place}/{MANIFEST}", entry))
    elif f"{manifest.get('stage')}/{manifest.get('digest')}" != output:
        faults.append(
            Fault("E-LED-017", "the manifest belongs to another folder", f"{place}/{MANIFEST}", entry)
        )
    return [*faults, *_check_files(folder, place, manifest["files"], entry, frozenset({MANIFEST}))]


def check_deployed(root: Path, bindings: Bindings) -> list[Fault]:
    """Return what is wrong with the release that is deployed; it is the first thing to know."""
    file = root / MODELS / LATEST
    place = f"{MODELS}/{LATEST}"
    if not file.exists() and not file.is_symlink():
        if bindings.released is None:
            return []
        return [
            Fault("E-LED-021", "a release was accepted, and none is deployed", place, bindings.released[1])
        ]
    try:
        content: Any = json.loads(file.read_bytes())
        plan, name = content["plan"], content["folder"]
        if file.is_symlink() or not _PLAN.fullmatch(plan) or name != plan[:SHORT]:
            raise ValueError
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return [Fault("E-LED-021", "it does not name a release of this workspace", place)]
    faults = []
    entry = bindings.released[1] if bindings.released else 0
    if bindings.released is None or bindings.released[0] != plan:
        faults.append(
            Fault(
                "E-LED-021",
                f"the release {name} is deployed, which the ledger did not accept last",
                place,
                entry,
            )
        )
    output = f"{RELEASE}/{plan}"
    source = root / "artifacts" / output
    digest, bound_by = bindings.outputs.get(output, ("", entry))
    if not source.is_dir():
        return [
            *faults,
            Fault(
                "E-LED-021",
                "what was measured of the deployed release is missing",
                f"artifacts/{output}",
                bound_by,
            ),
        ]
    faults += check_output(source, output, digest, bound_by)
    try:
        files = read_manifest(source)["files"]
    except StateError:
        return faults
    prefix = f"{ADAPTER}/"
    adapter = {key.removeprefix(prefix): files[key] for key in files if key.startswith(prefix)}
    copy = root / MODELS / name
    if copy.is_symlink() or not copy.is_dir():
        return [
            *faults,
            Fault("E-LED-021", "the deployed adapter is missing or a link", f"{MODELS}/{name}", bound_by),
        ]
    return [*faults, *_check_files(copy, f"{MODELS}/{name}", adapter, bound_by, frozenset())]


def _unbound(folder: Path, output: str, bindings: Bindings) -> list[Fault]:
    """Return the faults of what lies among the outputs and is not bound by any entry."""
    place = f"artifacts/{output}"
    if output in bindings.dropped:
        return [
            Fault("E-LED-014", "the output was purged and is there again", place, bindings.dropped[output])
        ]
    if bindings.is_bound:
        what = "no entry knows the output; if a batch was killed here, `siu batch` takes it up"
        return [Fault("E-LED-014", what, place)]
    if not OUTPUT.fullmatch(output):
        return []
    return check_output(folder, output, "", 0)


def _check_files(
    folder: Path, place: str, files: dict[str, str], entry: int, own: frozenset[str]
) -> list[Fault]:
    """Return the files of a folder that are missing, changed, links, or more than there should be."""
    there = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    faults = []
    for name, digest in sorted(files.items()):
        path = there.get(name)
        if path is None:
            what = "the file is missing"
        elif path.is_symlink():
            what = "the file was replaced by a link"
        else:
            what = _changed(path, digest)
        if what:
            faults.append(Fault("E-LED-017", what, f"{place}/{name}", entry))
    for name in sorted(there.keys() - files.keys() - own):
        faults.append(Fault("E-LED-014", "the file was added", f"{place}/{name}", entry))
    return faults


def _changed(path: Path, digest: str) -> str:
    try:
        return "" if file_digest(path) == digest else "the file was changed"
    except OSError as error:
        return f"the file can't be read ({type(error).__name__})"
