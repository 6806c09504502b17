"""The requests of a table that has to be sound."""

import logging
from pathlib import Path

from siu.data.intake.requests import ErasureRequest, Intake, read_table_of_requests, take_in
from siu.problems import Problems

_log = logging.getLogger(__name__)


def read_requests(path: Path) -> tuple[ErasureRequest, ...]:
    """Return the requests of a table all of whose rows are sound; notes go to the log.

    Raises:
        PreflightError: All problems of the table and of all its rows at once; see `take_in`.
    """
    problems = Problems()
    intake = Intake((), (), ())
    with problems.noted():
        intake = take_in(read_table_of_requests(path))
    for refused in intake.refused:
        for problem in refused.problems:
            problems.add(problem)
    problems.raise_if_any()
    for note in intake.notes:
        _log.warning(note)
    return intake.requests
