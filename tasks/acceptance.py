"""What is decided about releases: deployed by a rule or by a person, taken back; which one is asked.

The ledger says who decided what; the reasons are a person's words and stay in a private file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from siu.audit.author import actor
from siu.audit.ledger import Ledger
from siu.config.params import ReleaseParams
from siu.data.releases import ACCEPTED, CARRIED, MEASURED, ROLLED_BACK, Numbered, deployed_of, releases
from siu.data.verdict_names import ORDER
from siu.errors import InputError
from siu.storage.digest import canonical_json
from siu.storage.durable import append_bytes
from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace
from siu.verdict import Verdict
from tasks.deploy import MeasuredRelease, chosen_adapter, is_deployed, latest_release, name_latest
from tasks.history import History
from tasks.job import Job
from tasks.outcome import Released
from tasks.release import RELEASE
from tasks.releases import all_releases, newest_waiting, release_of
from tasks.requests import check_reason, now

Event = tuple[str, str, dict[str, Any]]


def stand(
    job: Job,
    history: History,
    released: Released,
    bound: Mapping[str, str],
    carried: Sequence[str] = (),
) -> Numbered:
    """Write down a release that was measured, and deploy it if the rule allows.

    Args:
        job: The batch: its workspace, and the parameters that say who accepts what.
        history: The ledger as the batch writes it.
        released: The release with its verdicts; its adapter lies where it is deployed from.
        bound: What binds the release's output, by ``stage/plan``.
        carried: Purged requests that it goes on forgetting, as the release before did.
    """
    workspace, params = job.workspace, job.params.release
    numbered, plan = releases(history.of_no_request), released.output.digest
    known = next((release for release in numbered.values() if release.plan == plan), None)
    current = deployed_of(numbered)
    number = known.number if known else len(numbered) + 1
    members = [_member(request_id, verdict) for request_id, verdict in released.verdicts.items()]
    parent = known.parent if known else current and current.number
    members += [_carried(numbered, request_id) for request_id in carried]
    is_made_anew = any(history.bound.get(output) != digest for output, digest in bound.items())
    if (
        is_made_anew
        or known is None
        or known.members != tuple((*member[:3], tuple(member[3])) for member in members)
    ):
        data = {"number": number, "plan": plan, "parent": parent, "members": members, "outputs": dict(bound)}
        history.append(MEASURED, "", data)
    release = releases(history.of_no_request)[number]
    if release.state != "deployed" and is_accepted(release, params):
        _deploy(workspace, history, release, "automatic" if params.acceptance == "automatic" else "as before")
    _name(workspace, deployed_of(releases(history.of_no_request)))  # also where a kill left another one named
    return releases(history.of_no_request)[number]


def is_accepted(release: Numbered, params: ReleaseParams) -> bool:
    """Return whether a release that isn't deployed may be, without asking anybody.

    One that was accepted before may be again, but never one that a person took back. One that carries purged
    requests waits for a person: whether they are still forgotten can't be measured any more.
    """
    if release.state == "rolled_back":
        return False
    if release.accepted:
        return True
    if any(member[2] == CARRIED for member in release.members):
        return False
    return params.acceptance == "automatic" and ORDER.index(release.strictest) <= ORDER.index(params.worst)


def accept(workspace: Workspace, number: int, reason: str) -> Numbered:
    """Deploy a release because a person says so; the caller holds the batch lock.

    Raises:
        InputError: ``E-REL-010`` there is no such release, ``011`` it is deployed already.
        StateError: ``E-REL-003`` its files are not those that were measured.
    """
    check_reason(reason)
    release = release_of(workspace, number)
    if release.state == "deployed" and is_deployed(workspace, release.plan):
        raise InputError("E-REL-011", f"release {number} is deployed already", "There is nothing to accept")
    _note_reason(workspace, number, "accepted", reason)
    _deploy(workspace, History(Ledger(workspace.ledger)), release, "by_person")
    return release_of(workspace, number)


def rollback(workspace: Workspace, reason: str, to: int | None = None) -> tuple[Numbered, Numbered]:
    """Take the deployed release back and deploy an earlier one; the caller holds the batch lock.

    Args:
        workspace: Where.
        reason: Why.
        to: Which; the one that was deployed before if None.

    Returns:
        The release that was taken back, and the one that is deployed now.

    Raises:
        InputError: ``E-REL-010`` there is no such release, ``011`` it is deployed, ``012`` nothing is
            deployed, or nothing was before.
        StateError: ``E-REL-003`` the earlier release's files are not those that were measured.
    """
    check_reason(reason)
    numbered = all_releases(workspace)
    current = deployed_of(numbered)
    if current is None:
        raise InputError("E-REL-012", "no release is deployed", "There is nothing to take back")
    if to is not None and release_of(workspace, to).state == "deployed":
        raise InputError("E-REL-011", f"release {to} is deployed already", "Name another one with --to")
    earlier = release_of(workspace, to) if to is not None else _before(numbered, current)
    _note_reason(workspace, current.number, "rolled back", reason)
    history = History(Ledger(workspace.ledger))
    rolled_back = (ROLLED_BACK, "", {"number": current.number, "to": earlier.number, "actor": actor()})
    _deploy(workspace, history, earlier, "rollback", rolled_back)
    without = {
        request_id: {"plan": current.plan}
        for request_id in current.verdicts
        if request_id not in earlier.verdicts
    }
    history.append_all("rolled_back", without)
    return release_of(workspace, current.number), release_of(workspace, earlier.number)


def adapter_to_ask(workspace: Workspace, adapter: Path | None) -> tuple[Path, str]:
    """Return the adapter that is asked, and what there is to say about it: a waiting release is told of.

    Args:
        workspace: Where.
        adapter: What the user names; None for the deployed release, else the newest one that waits.

    Raises:
        InputError: ``E-ASK-001`` none is named, and there is no release.
        StateError: The release isn't the one that was measured (`tasks.deploy.latest_release`).
    """
    if adapter is not None:
        return adapter, ""
    latest, waiting = latest_release(workspace), newest_waiting(workspace)
    if waiting is None:
        return chosen_adapter(workspace, None), ""
    waits = f"Release {waiting.number} waits for a person to accept it ({waiting.strictest})"
    command = f"`siu release accept {waiting.number} --reason …` deploys it"
    if latest is not None:
        return latest.folder, f"{waits}; {command}. Asked was the release that is deployed."
    measured = MeasuredRelease(workspace, waiting.plan)
    measured.check()
    return measured.folder, f"{waits}; {command}. Nothing is deployed: asked was the waiting one."


def adapter_to_give_away(workspace: Workspace, adapter: Path | None) -> Path:
    """Return the adapter that the user names, or the deployed release's.

    Raises:
        InputError: ``E-REL-013`` the only releases wait for a person; else see `adapter_to_ask`.
    """
    if adapter is None:
        refuse_if_none_but_waits(workspace)
    return chosen_adapter(workspace, adapter)


def refuse_if_none_but_waits(workspace: Workspace) -> None:
    """Refuse what wants a deployed release where there is only one that waits.

    Raises:
        InputError: ``E-REL-013`` a person has to accept it first.
    """
    waiting = newest_waiting(workspace)
    if waiting is not None and latest_release(workspace) is None:
        what = f"release {waiting.number} waits for a person to accept it ({waiting.strictest})"
        raise InputError("E-REL-013", what, f"Run `siu release accept {waiting.number} --reason …` first")


def note_members(
    history: History, release: Numbered, *, members_deployed: Sequence[str], is_new: bool
) -> None:
    """Write down each member's verdict: as released, or as waiting where no release holds it yet."""
    output = f"{RELEASE.name}/{release.plan}"
    bound = {output: history.bound[output]} if output in history.bound else {}
    for request_id, verdict, assurance, _ in release.members:
        if assurance == CARRIED:
            continue
        data = {"plan": release.plan, "verdict": verdict, "assurance": assurance, "outputs": bound}
        if release.state == "deployed":
            history.note("released", request_id, data, is_new=is_new)
        elif request_id not in members_deployed:
            history.note("waiting", request_id, data, is_new=False)


def _deploy(workspace: Workspace, history: History, release: Numbered, rule: str, *beside: Event) -> None:
    """Write down that a release is deployed, then name it; what a kill leaves in between, a batch mends.

    Args:
        workspace: Where.
        history: The ledger.
        release: Which; its files are checked first.
        rule: Who or what accepted it.
        beside: What is written together with that.
    """
    MeasuredRelease(workspace, release.plan).check()
    accepted = {"number": release.number, "actor": actor(), "rule": rule}
    history.append_together([(ACCEPTED, "", accepted), *beside])
    fault_point("release.accepted")
    deployed = releases(history.of_no_request)[release.number]
    _name(workspace, deployed)
    if rule in ("by_person", "rollback"):
        note_members(history, deployed, members_deployed=(), is_new=True)


def _name(workspace: Workspace, deployed: Numbered | None) -> None:
    if deployed is not None:
        name_latest(workspace, deployed.plan, deployed.number, tuple(deployed.verdicts))


def _before(numbered: dict[int, Numbered], current: Numbered) -> Numbered:
    """Return the release that was deployed last before the current one, and that nobody took back."""
    dated = [(event["time"], release) for release in numbered.values() for event in release.accepted]
    for _, release in sorted(dated, key=lambda acceptance: acceptance[0], reverse=True):
        if release is not current and release.state != "rolled_back":
            return release
    remedy = "Name a waiting one with --to, or withdraw requests and run `siu batch`"
    raise InputError("E-REL-012", "no release was deployed before", remedy)


def _member(request_id: str, verdict: Verdict) -> list[Any]:
    gates = [reading.gate.metric for reading in verdict.readings if reading.state != "passed"]
    return [request_id, verdict.verdict, verdict.assurance, list(dict.fromkeys(gates))]


def _carried(numbered: Mapping[int, Numbered], request_id: str) -> list[Any]:
    """Return a purged request as it was measured last, while there was anything to measure it with."""
    rows = (row for _, release in sorted(numbered.items()) for row in release.members if row[0] == request_id)
    *_, (_, verdict, _, gates) = rows
    return [request_id, verdict, CARRIED, list(gates)]


def _note_reason(workspace: Workspace, number: int, action: str, reason: str) -> None:
    note = {"release": number, "action": action, "time": now(), "actor": actor(), "reason": reason.strip()}
    append_bytes(workspace.release_reasons, canonical_json(note).encode() + b"\n")
