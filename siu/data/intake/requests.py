"""Erasure requests: who asked for which concept to be forgotten, with one picture.

A row that can't be served stops itself and no other; only a table that can't be read stops all.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from siu.data.intake.clashes import clashes, id_used_twice, without_repetitions
from siu.data.intake.notes import Notes
from siu.data.intake.request_row import REQUEST_ID as REQUEST_ID
from siu.data.intake.request_row import RESERVED as RESERVED
from siu.data.intake.request_row import CheckedRow, ReceivedRow, check_row, received_rows
from siu.data.intake.request_row import ErasureRequest as ErasureRequest
from siu.data.intake.table import read_rows
from siu.errors import PreflightError, SiuError
from siu.problems import Problems

REQUIRED = ("request_id", "name", "image")
OPTIONAL = ("kind", "aliases", "received", "force", "policy")


@dataclass(frozen=True)
class RequestTable:
    """A table of requests, read and not yet judged.

    Attributes:
        path: The table.
        rows: Every row that can be read, in order, each under an id.
        notes: What was read differently from how it is written.
    """

    path: Path
    rows: tuple[ReceivedRow, ...] = ()
    notes: Notes | None = None


@dataclass(frozen=True)
class RefusedRequest:
    """A request that can't be served as it is written; rows that share an id are one.

    Attributes:
        request_id: Its id.
        problems: All that is wrong with it; may quote names.
    """

    request_id: str
    problems: tuple[SiuError, ...]

    @property
    def error(self) -> SiuError:
        """The one problem, or all of them as one error."""
        return self.problems[0] if len(self.problems) == 1 else PreflightError(self.problems)


@dataclass(frozen=True)
class Intake:
    """What came of a table's rows.

    Attributes:
        requests: Those that can be served, in the order of the table.
        refused: Those that can't, in the order of the table.
        notes: What was read differently from how it is written, as sentences without names.
    """

    requests: tuple[ErasureRequest, ...]
    refused: tuple[RefusedRequest, ...]
    notes: tuple[str, ...]


def read_table_of_requests(path: Path) -> RequestTable:
    """Read ``requests.csv`` without judging its rows.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read; see `siu.data.intake.table.read_rows`.
    """
    notes = Notes()
    rows = read_rows(path, required=REQUIRED, optional=OPTIONAL, notes=notes)
    return RequestTable(path, tuple(received_rows(rows)), notes)


def take_in(table: RequestTable) -> Intake:
    """Check all that can be checked of each row without a model or a collection.

    Two requests may ask for one concept: same name, same picture. A row that repeats another one in all
    fields counts once, with a note.

    Returns:
        Requests and refusals: ``E-CSV-004`` a row's form, ``E-NAM-…`` names, ``E-IMG-…`` pictures,
        ``E-REQ-001`` to ``009``, ``013`` and ``029`` the requests themselves (docs/reference/errors.md).
    """
    notes = table.notes or Notes()
    faults: defaultdict[str, list[SiuError]] = defaultdict(list)
    checked: list[CheckedRow] = []
    for received in table.rows:
        problems = Problems()
        row = check_row(received, problems, notes)
        if row is None:
            faults[received.request_id] += problems.found
        else:
            checked.append(row)
    unique = without_repetitions(checked, notes)
    for row in unique:
        if row.request.request_id in faults:  # another row with this id is unsound
            faults[row.request.request_id].append(id_used_twice(row))
    for row, problem in clashes(unique):
        faults[row.request.request_id].append(problem)
    ids = dict.fromkeys(received.request_id for received in table.rows)
    return Intake(
        tuple(row.request for row in unique if row.request.request_id not in faults),
        tuple(RefusedRequest(one, tuple(faults[one])) for one in ids if one in faults),
        notes.texts(table.path.name),
    )
