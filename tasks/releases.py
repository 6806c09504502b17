"""A workspace's releases, and how one differs from another.

The ledger tells all of it (`siu.data.releases`). What is decided about releases is in `tasks.acceptance`.
"""

from typing import Any

from siu.audit.ledger import Ledger
from siu.data.releases import Numbered, deployed_of, releases
from siu.errors import InputError
from siu.storage.workspace import Workspace


def all_releases(workspace: Workspace) -> dict[int, Numbered]:
    """Return the workspace's releases by number."""
    return releases(Ledger(workspace.ledger).entries())


def release_of(workspace: Workspace, number: int) -> Numbered:
    """Return the release with a number.

    Raises:
        InputError: ``E-REL-010`` there is none.
    """
    numbered = all_releases(workspace)
    if number not in numbered:
        remedy = f"Use a number up to {len(numbered)}" if numbered else "Run `siu batch`"
        raise InputError("E-REL-010", f"there is no release {number}", remedy)
    return numbered[number]


def newest_waiting(workspace: Workspace) -> Numbered | None:
    """Return the release that waits for a person and is newer than the deployed one, or None."""
    numbered = all_releases(workspace)
    deployed = deployed_of(numbered)
    waiting = [release for release in numbered.values() if release.state == "waiting"]
    newest = max(waiting, key=lambda release: release.number, default=None)
    return newest if newest and newest.number > (deployed.number if deployed else 0) else None


def difference(first: Numbered, second: Numbered) -> dict[str, Any]:
    """Return what a second release has otherwise than a first one."""
    before, after = first.verdicts, second.verdicts
    changed = {
        request_id: [before[request_id], after[request_id]]
        for request_id in before
        if after.get(request_id, before[request_id]) != before[request_id]
    }
    return {
        "from": first.number,
        "to": second.number,
        "added": [request_id for request_id in after if request_id not in before],
        "left": [request_id for request_id in before if request_id not in after],
        "verdicts": changed,
        "strictest": [first.strictest, second.strictest],
    }
