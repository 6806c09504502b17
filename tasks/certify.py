"""Certificates: made of what the ledger binds, signed with its key, written beside the reports."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from siu.attacks.registry import attack_names
from siu.audit.audit import audit
from siu.audit.certificate import PREDICATE, Evidence, check_ledger, entries_of, statement
from siu.audit.chain import read_chain
from siu.audit.dsse import open_envelope, seal_statement, verified
from siu.audit.ledger import Ledger
from siu.audit.note import PublicKey
from siu.audit.pages import certificate_page
from siu.errors import InputError, StateError
from siu.report.metric_rows import METRICS
from siu.storage.durable import replace_text
from siu.storage.store import read_manifest
from siu.storage.workspace import Workspace
from tasks.acceptance import refuse_if_none_but_waits
from tasks.attesting import write_attestations
from tasks.deploy import SHORT, latest_release
from tasks.inputs import code_commit
from tasks.seal import seal
from tasks.signing import signer_of

FOLDER, CERTIFIED = "certificates", "certified"
RETAINED = (
    "this certificate",
    "the ledger's entries, with ids and digests",
    "the released adapter",
    "the base model",
)

RECHECK = (
    "The collection has pictures of the concept that no training saw: `siu attack` and `siu evaluate` "
    "measure the release on them again, without anything of the request."
)
NO_RECHECK = (
    "No picture of the concept is left here, so the release can't be measured on it again: what was measured "
    "before the purge stands above, and what others are answered can still be measured."
)
"""What can be said of a purged request later, by what stays."""


def certificate_file(workspace: Workspace, request_id: str, plan: str) -> Path:
    """Return where the certificate of a request and a release lies."""
    return workspace.root / FOLDER / f"{request_id}-{plan[:SHORT]}.json"


def certify(workspace: Workspace, request_id: str) -> Path:
    """Write and sign the certificate of a request in the release that is deployed; return its file.

    One that says the same is left as it is. The caller holds the batch lock.

    Raises:
        TamperedError: Something here is not as the ledger has it: nothing is certified on such ground.
        StateError: ``E-CRT-001`` there is nothing to certify, or no key to sign with.
        InputError: ``E-REL-013`` the only releases wait for a person.
    """
    audit(workspace.root).raise_if_any()  # before any seal, which would bind what was changed
    if not any(entry.request_id == request_id for entry in Ledger(workspace.ledger).entries()):
        raise _missing(request_id, "the ledger has no such request")
    release = latest_release(workspace)
    if release is None:
        refuse_if_none_but_waits(workspace)
        raise _missing(request_id, "nothing is released yet")
    file = certificate_file(workspace, request_id, release.plan)
    summary = _summary(workspace, request_id, release.plan)
    if summary is None:
        if file.is_file():  # purged: the certificate is what stays
            return file
        raise _missing(request_id, "the report about the release that is deployed is missing")
    chain = read_chain(workspace.ledger)
    checkpoint = seal(workspace)
    if checkpoint is None:
        raise _missing(request_id, "no key is in force to sign with")
    source = workspace.artifacts / "release" / release.plan
    manifest = read_manifest(source)
    files = manifest["files"]
    made = statement(
        Evidence(
            request_id,
            summary,
            _units(workspace, summary, request_id),
            {name: digest for name, digest in files.items() if name.startswith("adapter/")},
            attack_names(),
            chain,
            checkpoint,
            workspace.params().policy.after_release,
            code=code_commit(),
            kept=(*RETAINED, "all else of the request: nothing is purged unless it is asked for"),
            previous=manifest["inputs"].get("previous") or "",
        )
    )
    if file.is_file() and _same(file, made):
        return file
    return _write(workspace, file, made)


def certify_purge(
    workspace: Workspace, file: Path, table: Sequence[Mapping[str, Any]], *, can_be_measured: bool
) -> None:
    """Sign a certificate anew with the table of what was purged.

    Args:
        workspace: Where.
        file: The certificate as it was before.
        table: ``place``, ``action`` and ``count`` of each kind of thing.
        can_be_measured: Whether the collection has the concept, which can then be measured all the same.
    """
    old, _, _ = open_envelope(file.read_bytes(), str(file))
    predicate = old["predicate"]
    recheck = RECHECK if can_be_measured else NO_RECHECK
    predicate["purge"] = {"policy": "purge", "table": list(table), "recheck": recheck}
    predicate["kept"] = list(RETAINED)
    checkpoint = seal(workspace)
    if checkpoint is not None:
        predicate["ledger"] = entries_of(predicate["request"], read_chain(workspace.ledger), checkpoint)
    _write(workspace, file, old)


def checked_certificate(file: Path, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """Return the statement of a certificate that holds: signed, and its entries under its checkpoint.

    Raises:
        InputError: ``E-CRT-002`` it can't be read, ``003`` none of the keys has signed it, ``004`` its part
            about the ledger doesn't hold.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        what = f"the certificate can't be read ({type(error).__name__})"
        raise InputError("E-CRT-002", what, "Name the .json file", str(file)) from None
    content = verified(text, keys, str(file))
    if content.get("predicateType") != PREDICATE:  # an attestation: it has no part about the ledger
        return content
    checkpoint = check_ledger(content["predicate"])
    if not any(checkpoint.is_signed_by(key) for key in keys):
        what = "its checkpoint is signed by none of the keys that you trust"
        raise InputError("E-CRT-003", what, "Ask for a new certificate", str(file))
    return content


def _write(workspace: Workspace, file: Path, made: dict[str, Any]) -> Path:
    signer = signer_of(workspace, Ledger(workspace.ledger))
    if signer is None:
        raise _missing(made["predicate"]["request"], "no key is in force to sign with")
    text = json.dumps(seal_statement(made, signer), indent=1) + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_text(file, text)
    labels = {metric: label for metric, label, *_ in METRICS}
    page = certificate_page(made, signer.public.key_id.hex(), file.name, labels)
    replace_text(file.with_suffix(".html"), page)
    file.with_suffix(".pdf").unlink(missing_ok=True)  # of the former certificate
    write_attestations(file, made, signer)
    data = {"certificate": sha256(text.encode()).hexdigest(), "plan": made["predicate"]["release"]["plan"]}
    Ledger(workspace.ledger).append(CERTIFIED, made["predicate"]["request"], data)
    seal(workspace)
    return file


def _same(file: Path, made: dict[str, Any]) -> bool:
    """Return whether a certificate says the same, whatever was written into the ledger since."""
    try:
        old, _, _ = open_envelope(file.read_bytes(), str(file))
    except InputError:
        return False
    plain = json.loads(json.dumps(made))
    for output in (old, plain):
        output["predicate"]["ledger"] = output["predicate"]["process"] = None
    return bool(old == plain)


def _summary(workspace: Workspace, request_id: str, plan: str) -> dict[str, Any] | None:
    """Return the newest summary about a release and a request."""
    files = sorted(workspace.reports.glob("*/summary.json"), key=lambda path: path.stat().st_mtime)
    for file in reversed(files):
        summary: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        release = summary.get("release")
        if release and release["plan"] == plan and request_id in release["requests"]:
            return summary
    return None


def _units(workspace: Workspace, summary: Mapping[str, Any], request_id: str) -> dict[str, int]:
    """Return the units behind the release's metrics: those of the scorecard that has its numbers."""
    row = next(row for row in summary["release"]["concepts"] if row["request_id"] == request_id)
    for file in sorted(workspace.artifacts.glob("released/*/scorecards.json")):
        cards = json.loads(file.read_text(encoding="utf-8"))
        if cards.get("intervals") == row["intervals"] and cards["after"].items() <= row["after"].items():
            return {metric: int(number) for metric, number in cards["units"]["after"].items()}
    return {}


def _missing(request_id: str, why: str) -> StateError:
    remedy = "Run `siu batch`, and look at `siu status`"
    return StateError("E-CRT-001", f"there is nothing to certify: {why}", remedy, f"request {request_id}")
