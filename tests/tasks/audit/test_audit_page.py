"""The page over the ledger: self-contained, with signatures checked, and cells that no spreadsheet runs."""

import csv
import os
import re
from pathlib import Path

import pytest

from siu.audit.ledger import Ledger
from siu.audit.pages import escaped_csv
from siu.storage.workspace import Workspace
from tasks.audit_page import write_audit_page
from tasks.certify import certify
from tasks.seal import seal
from tests.siu.report.test_in_chromium import CHROMIUM, SCHEMES, seen
from tests.tasks.audit.conftest import write
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


def test_due_days_and_what_is_overdue_stand_in_page_and_table(sealed: Workspace, tmp_path: Path) -> None:
    write(sealed.root, "params.yaml", "policy: {days: 10}\n")
    Ledger(sealed.ledger).append("received", "r-3", {"received": "2026-01-02"})
    seal(sealed)
    text = write_audit_page(sealed, tmp_path).read_text()
    assert "1 request(s) are overdue" in text
    assert "2026-01-12" in text
    rows = {
        row["request_id"]: row for row in csv.DictReader((tmp_path / "audit.csv").read_text().splitlines())
    }
    assert (rows["r-3"]["due"], rows["r-3"]["overdue"]) == ("2026-01-12", "yes")
    assert rows["r-1"]["overdue"] == "", "it is answered"
    write(sealed.root, "params.yaml", "policy: {days: soon}\n")
    assert "due days are those of the defaults" in write_audit_page(sealed, tmp_path).read_text()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_needs_horizontal_scroll(sealed: Workspace, tmp_path: Path, width: int) -> None:
    certificate = certify(sealed, "r-1").with_suffix(".html")
    for page in (certificate, write_audit_page(sealed, tmp_path / "page")):
        values = seen(page.read_text(), tmp_path, width, "light")
        assert (values["width"], values["scroll"]) == (width, width)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault(sealed: Workspace, tmp_path: Path, scheme: str) -> None:
    if "AXE_CORE" not in os.environ:
        pytest.skip("AXE_CORE does not name axe-core's axe.min.js (npm install axe-core)")
    axe = Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8")
    certificate = certify(sealed, "r-1").with_suffix(".html")
    for page in (certificate, write_audit_page(sealed, tmp_path / "page")):
        text = page.read_text(encoding="utf-8")
        with_axe = re.sub("</body>", lambda _: f"<script>{axe}</script></body>", text)
        assert seen(with_axe, tmp_path, 768, scheme)["faults"] == []
