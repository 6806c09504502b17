"""The page over the ledger: self-contained, with signatures checked, and cells that no spreadsheet runs."""

import csv
from pathlib import Path

import pytest

from siu.audit.ledger import Ledger
from siu.audit.pages import escaped_csv
from siu.storage.workspace import Workspace
from tasks.audit_page import write_audit_page
from tasks.certify import certify
from tasks.seal import seal
from tests.tasks.audit.manipulations import KNOWN


def test_it_shows_requests_releases_and_checked_certificates(sealed: Workspace, tmp_path: Path) -> None:
    certify(sealed, "r-1")
    page = write_audit_page(sealed, tmp_path / "page")
    text = page.read_text()
    assert "all files are as they were written" in text
    for word in ("r-1", "r-2", "erased", "released", "holds", "records"):
        assert word in text
    for outside in ("http://", "https://", "src="):
        assert outside not in text
    rows = list(csv.DictReader((tmp_path / "page" / "audit.csv").read_text().splitlines()))
    assert [(row["request_id"], row["certificate"]) for row in rows] == [("r-1", "holds"), ("r-2", "")]


def test_equal_ledgers_give_equal_bytes(sealed: Workspace, tmp_path: Path) -> None:
    texts = [write_audit_page(sealed, tmp_path / name).read_bytes() for name in ("a", "b")]
    assert texts[0] == texts[1]


def test_faults_stand_at_the_top(sealed: Workspace, tmp_path: Path) -> None:
    for name in ("a report is changed", "latest.json is broken"):
        KNOWN[name](sealed.root)
    text = write_audit_page(sealed, tmp_path).read_text()
    assert "2 fault(s)" in text or "3 fault(s)" in text
    assert "reports/b/report.html" in text


def test_a_certificate_that_was_changed_does_not_hold(sealed: Workspace, tmp_path: Path) -> None:
    file = certify(sealed, "r-1")
    file.write_text(file.read_text().replace('"sig": "', '"sig": "A', 1))
    text = write_audit_page(sealed, tmp_path).read_text()
    assert "E-CRT-00" in text


def test_what_the_ledger_holds_can_not_run_as_a_script(sealed: Workspace, tmp_path: Path) -> None:
    Ledger(sealed.ledger).append("quarantined", "r-3", {"code": "<script>alert(1)</script>"})
    seal(sealed)
    assert "<script>alert" not in write_audit_page(sealed, tmp_path).read_text()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    assert f"'{cell}" in escaped_csv([{"a": cell}], ["a"])
