"""Which release the next one goes on from, where strategies go on at all.

The ledger tells it: the plan of a batch depends on the releases before it, and on nothing that this batch
does, so a batch that runs again finds its own release.
"""

from collections.abc import Iterable, Mapping, Set

from siu.audit.ledger import Ledger
from siu.data.releases import Numbered, deployed_of, releases
from siu.data.requests.life import purged_ids
from tasks.job import Job
from tasks.subjects import Release


def parent_of(job: Job, subject: Release) -> Numbered | None:
    """Return the release that training goes on from; None begins at the base model."""
    numbered, purged = job.once(_told)
    return parent_among(numbered, purged, subject.request_ids)


def parent_among(
    numbered: Mapping[int, Numbered], purged: Set[str], request_ids: Iterable[str]
) -> Numbered | None:
    """Return the newest release in the deployed one's line that the requests go beyond.

    It must forget nothing that is no longer asked for: of a request that was withdrawn, or is in quarantine,
    an adapter can't be rid. What was purged stays asked for. And it must leave something to be trained, so a
    release is never its own parent.

    Args:
        numbered: All releases by number.
        purged: Ids of purged requests.
        request_ids: The requests of the release that is to come.
    """
    requested = frozenset(request_ids)
    release = deployed_of(dict(numbered))
    while release is not None:
        members = frozenset(release.verdicts)
        if members <= requested | purged and not requested <= members:
            return release
        release = numbered.get(release.parent) if release.parent is not None else None
    return None


def carried(job: Job, subject: Release) -> tuple[str, ...]:
    """Return the purged requests that the release goes on forgetting; nothing of them is measured."""
    parent = None if job.params.release.strategy == "joint" else parent_of(job, subject)
    members = () if parent is None else tuple(parent.verdicts)
    return tuple(request_id for request_id in members if request_id not in subject.request_ids)


def _told(job: Job) -> tuple[dict[int, Numbered], frozenset[str]]:
    entries = Ledger(job.workspace.ledger).entries()
    return releases(entries), purged_ids(entries)
