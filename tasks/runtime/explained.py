"""An error nobody foresaw, as one with a code and a place to look at."""

import errno
import traceback
from contextlib import suppress

from siu.errors import ConceptError, SiuError, StateError
from siu.storage.workspace import Workspace

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""A disk that is full or read-only: whoever comes next would fail in the same way."""


def explained(error: Exception, workspace: Workspace, subject: str) -> SiuError:
    """Return the package's own errors as they are; of others keep the traceback and say where it is.

    An error of the disk stops the batch (``E-RUN-050``): it is no fault of the subject.
    """
    if isinstance(error, SiuError):
        return error
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        return disk_error(error)
    place = workspace.state / "tracebacks" / f"{subject.replace('/', '-')}.txt"
    remedy = "The disk took no traceback; see what else it refuses"
    with suppress(OSError):  # the error itself is what counts
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        remedy = f"See {place}"
    return ConceptError("E-RUN-003", f"an unexpected {type(error).__name__}: {error}", remedy, subject)


def disk_error(error: OSError) -> StateError:
    """Return an error of the disk as one line that says what to do."""
    remedy = "Make room, or see whether disk and folder can be written; then start the same command again"
    what = f"the disk refused: {error.strerror or error}; finished work is kept"
    return StateError("E-RUN-050", what, remedy, str(error.filename or ""))
