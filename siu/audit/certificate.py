"""The certificate of one request in one release: what was done, measured, tried, kept, and not claimed.

An in-toto Statement v1 about the released adapter's files. The verdict's part has the form of in-toto's
*test-result*; what that form can't hold (numbers, bounds, places in the ledger) stands beside it.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from siu.audit.chain import Chain
from siu.audit.dsse import STATEMENT
from siu.audit.entry import Entry
from siu.audit.events import CONFIGURED, RELEASED, WAITING
from siu.audit.merkle import inclusion_proof, is_included, leaf_hash
from siu.audit.note import Checkpoint, read_checkpoint
from siu.errors import InputError

PREDICATE = "urn:siu:erasure-certificate:1"
LIMITS = (
    "This certifies a process and measurements. It is no proof that the concept is gone from the weights: "
    "the base model stays whole below the adapter, and who has the weights can switch the adapter off or "
    "train the concept back.",
    "What was not asked was not measured. The attacks that were not tried are listed.",
    "Every number is of the model, the software and the precision named here; quantised or merged copies may "
    "answer otherwise.",
    "Copies that left this workspace (backups, exports, other sites) are not covered.",
    "It does not say that a law was complied with, that anything is anonymous, or who the person is.",
    "The time is that of the machine that wrote the ledger; nobody outside has seen it unless the checkpoint "
    "was sent away.",
)
"""What a certificate does not say, in plain words; each certificate holds them."""
_RESULTS = {"erased": "PASSED", "partial": "FAILED", "unclear": "WARNED", "not_known": "WARNED"}
_STATES = {
    "passed": "passedTests",
    "unproven": "warnedTests",
    "unmeasured": "warnedTests",
    "broken": "failedTests",
}


@dataclass(frozen=True)
class Evidence:
    """What a certificate is made of.

    Attributes:
        request_id: Whose request.
        summary: The batch's ``summary.json``.
        units: Metric to the number of independent units behind it, where it is known.
        adapter: Name and sha256 of each file of the released adapter.
        attacks: Names of all attacks that there are.
        chain: The ledger.
        checkpoint: A signed checkpoint of it.
        policy: What is kept or purged after a release.
        code: The commit that siu ran from; empty for an installed package.
        kept: What stays of the request, in words.
        previous: Plan digest of the release that this one goes on from; empty where it begins anew.
    """

    request_id: str
    summary: Mapping[str, Any]
    units: Mapping[str, int]
    adapter: Mapping[str, str]
    attacks: Sequence[str]
    chain: Chain
    checkpoint: Checkpoint
    policy: str = "keep"
    code: str = ""
    kept: Sequence[str] = field(default=())
    previous: str = ""


def statement(evidence: Evidence) -> dict[str, Any]:
    """Return the certificate's statement; it holds no name, no answer and no picture."""
    own = _row(evidence.summary["concepts"], evidence.request_id)
    release = evidence.summary["release"]
    deployed = _row(release["concepts"], evidence.request_id)
    entries = [entry for entry in evidence.chain.entries if entry.request_id == evidence.request_id]
    last = entries[-1]
    return {
        "_type": STATEMENT,
        "subject": [
            {"name": name, "digest": {"sha256": digest}} for name, digest in sorted(evidence.adapter.items())
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "request": evidence.request_id,
            "verdict": deployed["verdict"],
            "assurance": deployed["assurance"],
            "testResult": _test_result(deployed, evidence),
            "release": {
                "plan": release["plan"],
                "requests": len(release["requests"]),
                **({"previous": evidence.previous} if evidence.previous else {}),
            },
            "process": {
                "method": "Single Image Unlearning (arXiv 2405.12523), one joint LoRA adapter per release",
                "software": last.software,
                "lock": last.lock,
                "actor": last.actor,
                "code": evidence.code,
                "parameters": _parameters(evidence.chain.entries, release["plan"]),
                "base_model": evidence.summary["base_model"],
                "steps": release["steps"],
                "training": _without_tries(own.get("training")),
                "plans": own["plan"],
                "batch": evidence.summary["batch_id"],
            },
            "effect": _effect(deployed, evidence.units),
            "attacks": {
                "on_the_request": _attacks(own),
                "on_the_release": _attacks(deployed),
                "not_tried": _not_tried(own, deployed, evidence.attacks),
            },
            "kept": list(evidence.kept),
            "purge": {
                "policy": evidence.policy,
                "table": None,  # `tasks.certify.certify_purge` puts it in
            },
            "limits": list(LIMITS),
            "ledger": entries_of(evidence.request_id, evidence.chain, evidence.checkpoint),
        },
    }


def entries_of(request_id: str, chain: Chain, checkpoint: Checkpoint) -> dict[str, Any]:
    """Return a request's entries, each with the proof that it is under a checkpoint."""
    leaves = chain.tree.leaves[: checkpoint.size]
    return {
        "checkpoint": str(checkpoint),
        "entries": [
            {
                "entry": entry.seq,
                "line": entry.line()[:-1].decode(),
                "proof": [base64.b64encode(step).decode() for step in inclusion_proof(leaves, entry.seq - 1)],
            }
            for entry in chain.entries
            if entry.request_id == request_id and entry.seq <= checkpoint.size
        ],
    }


def check_ledger(predicate: Mapping[str, Any]) -> Checkpoint:
    """Return the checkpoint of a certificate all of whose entries are shown to be under it.

    Raises:
        InputError: ``E-CRT-004`` an entry isn't, or ``E-LED-011`` the checkpoint can't be read.
    """
    try:
        ledger = predicate["ledger"]
        checkpoint = read_checkpoint(ledger["checkpoint"])
        for entry in ledger["entries"]:
            proof = [base64.b64decode(step, validate=True) for step in entry["proof"]]
            leaf = leaf_hash(entry["line"].encode())
            if not is_included(leaf, entry["entry"] - 1, checkpoint.size, proof, checkpoint.root):
                what = f"entry {entry['entry']} is not under the checkpoint"
                raise InputError("E-CRT-004", what, "Ask for a new certificate")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        what = f"what it says of the ledger can't be read ({type(error).__name__})"
        raise InputError("E-CRT-004", what, "Ask for a new certificate") from None
    return checkpoint


def _parameters(entries: Sequence[Entry], plan: str) -> str:
    """Return the digest of the parameters that a release was made with, not of those that came later."""
    last = ""
    for entry in entries:
        if entry.event == CONFIGURED:
            last = str(entry.data.get("parameters", ""))
        elif entry.event in (RELEASED, WAITING) and entry.data.get("plan") == plan:
            break
    return last


def _row(rows: Sequence[Mapping[str, Any]], request_id: str) -> Mapping[str, Any]:
    for row in rows:
        if row["request_id"] == request_id:
            return row
    what = f"the newest report has no verdict of request {request_id}"
    raise InputError("E-CRT-001", what, "Run `siu batch`, and look at `siu status`")


def _test_result(deployed: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """Return the verdict in the form of in-toto's test-result v0.1."""
    tests: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for gate in deployed["gates"]:
        tests[_STATES[gate["state"]]].append(gate["metric"])
    return {
        "result": _RESULTS.get(deployed["verdict"], "FAILED"),
        "configuration": [{"name": "batch", "digest": {"sha256": evidence.summary["release"]["plan"]}}],
        **tests,
    }


def _effect(deployed: Mapping[str, Any], units: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return every metric before and after, with its interval, number of units, bound and gate."""
    gates = {gate["metric"]: gate for gate in deployed["gates"]}
    rows = []
    for metric in {**deployed["before"], **deployed["after"]}:
        gate = gates.get(metric)
        rows.append(
            {
                "metric": metric,
                "before": deployed["before"].get(metric),
                "after": deployed["after"].get(metric),
                "interval_before": deployed["intervals"]["before"].get(metric),
                "interval_after": deployed["intervals"]["after"].get(metric),
                "n": units.get(metric, gate["units"] if gate else None),
                "gate": gate and {key: gate[key] for key in ("side", "limit", "bound", "state", "vacuous")},
            }
        )
    return rows


def _attacks(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what each attack brought back: scores alone, no answer."""
    return [
        {
            "attack": finding["attack"],
            "plain": finding["concept"]["plain"],
            "attacked": finding["concept"]["attacked"],
            "interval": finding["concept"]["interval"],
            "brought_back": finding["recovery"],
            "beyond_the_control": finding["excess"],
        }
        for finding in row["findings"]
    ]


def _not_tried(
    own: Mapping[str, Any], deployed: Mapping[str, Any], names: Sequence[str]
) -> dict[str, list[str]]:
    tried = [{finding["attack"] for finding in row["findings"]} for row in (own, deployed)]
    return {
        place: [name for name in names if name not in done]
        for place, done in zip(("on_the_request", "on_the_release"), tried, strict=True)
    }


def _without_tries(training: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (training or {}).items() if key not in ("checks", "tries")}
