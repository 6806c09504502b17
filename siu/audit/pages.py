"""The certificate and the audit trail as self-contained pages for people."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment

from siu.packaged import packaged_pages

RISKY = ("=", "+", "-", "@", "\t", "\r")


def certificate_page(
    statement: Mapping[str, Any], key: str, file: str, labels: Mapping[str, str] | None = None
) -> str:
    """Return a certificate in plain language.

    Args:
        statement: What was signed.
        key: Id of the key that has signed it.
        file: Name of the signed file that the page shows.
        labels: What people call a metric, by its name.
    """
    page = _environment().get_template("certificate.html.jinja")
    subject, predicate = statement["subject"], statement["predicate"]
    return page.render(subject=subject, certificate=predicate, key=key, file=file, labels=labels or {})


def audit_page(**content: Any) -> str:
    """Return the page over a ledger; its content is that of `tasks.audit_page`."""
    return _environment().get_template("audit_page.html.jinja").render(**content)


def escaped_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return a table for spreadsheets, which run no cell of it as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column, "")) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RISKY) else text


@cache
@cache
def _environment() -> Environment:
    pages = packaged_pages("siu.audit")
    pages.filters["shown"] = _shown
    pages.filters["moment"] = _moment
    return pages


def _moment(time: str) -> str:
    """Return a time of the ledger as people read it: ``2026-01-31 12:00:00``."""
    return time[:19].replace("T", " ")


def _shown(value: Any) -> str:
    """Return a number as people read it; what was not measured is written out."""
    if value is None:
        return "not measured"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
