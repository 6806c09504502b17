"""An error nobody foresaw, as one with a code and a place to look at."""

import traceback

from siu.errors import ConceptError, SiuError
from siu.storage.workspace import Workspace


def explained(error: Exception, workspace: Workspace, subject: str) -> SiuError:
    """Return the package's own errors as they are; of others keep the traceback and say where it is."""
    if isinstance(error, SiuError):
        return error
    place = workspace.state / "tracebacks" / f"{subject.replace('/', '-')}.txt"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    what = f"an unexpected {type(error).__name__}: {error}"
    return ConceptError("E-RUN-003", what, f"See {place}", subject)
