"""The purge that follows a release by itself, as the policy of params.yaml or of a request says."""

from contextlib import suppress

from siu.errors import SiuError, StateError
from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch
from tasks.purging.due import due, purge_what_is_due


def purged_by_policy(workspace: Workspace) -> tuple[str, ...]:
    """Purge what is due, in a turn of its own, and return a note about each request.

    The notes may quote paths and so stay in the workspace. Where the policies can't be read, a note says why
    nothing was purged: what was done before is done.
    """
    try:
        request_ids = due(workspace)
    except SiuError as error:
        return (f"nothing is purged by policy, as nobody can tell what is due: {error}",)
    if not request_ids:
        return ()
    with only_batch(workspace):
        return purge_what_is_due(workspace)


def purge_in_counts(workspace: Workspace) -> str:
    """Purge what is due and return what came of it in counts, ids and codes; empty where nothing is due."""
    try:
        before = due(workspace)
        if not before:
            return ""
        with suppress(StateError):  # the next run has begun: then it purges
            purged_by_policy(workspace)
        left = due(workspace)
    except SiuError as error:
        return f"nothing is purged by policy, as nobody can tell what is due ({error.code}); see `siu purge`"
    counts = f"{len(before) - len(left)} of {len(before)} due requests purged"
    return f"{counts}; the next run, or `siu purge`, goes on with {', '.join(left)}" if left else counts
