"""The table of requests without the rows of one request."""

from pathlib import Path

from siu.data.intake.table_writer import refuse_broken_rows, write_table, written_rows


def rows_of(table: Path, request_id: str) -> int:
    """Return how many rows of a table are a request's; none where the table is absent or has no rows.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read, or not be written without them.
    """
    known = written_rows(table)
    count = sum(row.request_id == request_id for row in known.rows)
    if count:
        refuse_broken_rows(row.row for row in known.rows)
    return count


def without_rows(table: Path, request_id: str) -> int:
    """Write a table anew without a request's rows, if there are any; return how many there were.

    Raises:
        InputError: ``E-CSV-…`` as `rows_of`; nothing was changed.
    """
    known = written_rows(table)
    stay = [row.row for row in known.rows if row.request_id != request_id]
    count = len(known.rows) - len(stay)
    if count:
        write_table(table, stay)
    return count
