"""How long a stage of a request may take and how much memory its process may have, and who is beyond that.

The worker's parent looks on and ends a worker that is beyond a limit, whatever it hangs in: its neighbours go
on. A release has the time of all its members.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.config.params import RuntimeParams
from siu.errors import ConceptError
from tasks.subjects import Release

GB = 1e9
LOOK_SECONDS = 0.5
REMEDY = "Raise the limit, or null it; `siu batch` tries again"


@dataclass(frozen=True)
class Limits:
    """What one job may use; None is no limit.

    Attributes:
        minutes: How long one stage of one request may take.
        gigabytes: How much memory its process may have resident; on systems with ``/proc`` only.
    """

    minutes: float | None = None
    gigabytes: float | None = None

    def watch(self, process: int, arguments: tuple[Any, ...]) -> Callable[[], ConceptError | None]:
        """Return what tells whether a process is beyond a limit now, and why.

        Args:
            process: Its id.
            arguments: The job's: a release among them has the time of each of its members.
        """
        members = max(
            [len(argument.request_ids) for argument in arguments if isinstance(argument, Release)] or [1]
        )
        ends = None if self.minutes is None else time.monotonic() + 60 * self.minutes * members

        def beyond() -> ConceptError | None:
            if ends is not None and time.monotonic() > ends:
                what = f"a stage took longer than runtime.concept_minutes ({self.minutes:g}) allows"
                return ConceptError("E-RUN-051", what, REMEDY)
            size = 0.0 if self.gigabytes is None else resident(process) / GB
            if self.gigabytes is not None and size > self.gigabytes:
                what = (
                    f"a stage had {size:.1f} GB, more than runtime.concept_memory ({self.gigabytes:g}) allows"
                )
                return ConceptError("E-RUN-052", what, REMEDY)
            return None

        return beyond


def limits_of(runtime: RuntimeParams) -> Limits:
    """Return the limits that params.yaml sets."""
    return Limits(runtime.concept_minutes, runtime.concept_memory)


def resident(process: int) -> int:
    """Return how many bytes of a process are in memory; 0 for one that is gone, or without ``/proc``."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
