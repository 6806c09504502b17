"""The index of a workspace: complete, redacted unless names are asked for, and fit for any screen."""

import html
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from siu.audit.ledger import Ledger
from siu.client import Client
from siu.report.site import Site, write_site
from siu.storage.workspace import Workspace
from tests.siu.report.test_in_chromium import CHROMIUM, SCHEMES, seen
from tests.siu.workspace_files import PLAN, write_finished

NAMES = {"r-1": "Мира <script>", "r-2": "Olin Brask"}


@pytest.fixture
def finished(tmp_path: Path) -> Workspace:
    return write_finished(tmp_path / "workspace", "b1", "b2")


class Links(HTMLParser):
    """Gathers what a page links to or loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, value) for key, value in attrs if key in ("href", "src") and value]


def test_every_link_leads_to_a_file_beside_it_and_nothing_is_loaded(finished: Workspace) -> None:
    study = finished.comparisons / "methods"
    study.mkdir(parents=True)
    (study / "index.html").write_text("<!doctype html>")
    (finished.reports / "audit.html").write_text("<!doctype html>")
    for names in (None, NAMES):
        page = write_site(Client(finished), names)
        links = Links(page.read_text(encoding="utf-8")).found
        assert {tag for tag, _ in links} == {"a"}
        targets = {target.partition("#")[0] for _, target in links} - {""}
        assert {"audit.html", "../comparison/methods/index.html"} <= targets
        assert not [target for target in targets if not (page.parent / target).is_file()]


def test_the_page_of_the_ledger_may_lie_in_a_folder_of_its_own(finished: Workspace) -> None:
    (finished.root / "audit").mkdir()
    (finished.root / "audit" / "audit.html").write_text("<!doctype html>")
    assert 'href="../audit/audit.html"' in write_site(Client(finished)).read_text(encoding="utf-8")


def test_without_the_page_of_the_ledger_and_studies_none_is_linked(finished: Workspace) -> None:
    text = write_site(Client(finished)).read_text(encoding="utf-8")
    assert "audit.html" not in text
    assert "../comparison" not in text


def test_the_redacted_edition_has_no_name_and_links_to_redacted_reports(finished: Workspace) -> None:
    text = write_site(Client(finished)).read_text(encoding="utf-8")
    assert "/report-redacted.html#r-1" in text
    assert "/report.html" not in text
    assert "summary.json" not in text, "its reasons quote"
    assert "E-REQ-012" in text


def test_the_other_edition_has_names_and_is_another_file(finished: Workspace) -> None:
    redacted = write_site(Client(finished))
    page = write_site(Client(finished), NAMES)
    assert page != redacted
    text = page.read_text(encoding="utf-8")
    assert html.escape(NAMES["r-1"]) in text
    assert "<script>" not in text
    assert "/report.html#r-1" in text


def test_a_request_has_the_verdict_of_the_release_that_holds_it(finished: Workspace) -> None:
    site = Site(Client(finished))
    released, refused = site.requests
    assert (released.words, released.batch) == ("partial (quick)", site.batches[0].batch_id)
    assert (refused.word, refused.state.code) == ("quarantined", "E-REQ-012")
    assert site.batches[0].verdicts == "1 quarantined, 1 partial"
    (release,) = site.releases
    assert (release.plan, release.requests, release.state) == (PLAN, ("r-1",), "deployed")
    assert site.opening == (
        f"Release {PLAN[:12]} is deployed. Of 2 requests: 1 partial (quick), 1 quarantined."
    )


def test_every_release_has_its_number_and_state(finished: Workspace) -> None:
    ledger = Ledger(finished.ledger)
    for number, plan in ((1, PLAN), (2, "cd" * 32), (3, "ef" * 32)):
        members = [["r-1", "partial", "quick", []]]
        measured = {"number": number, "plan": plan, "parent": None, "members": members, "outputs": {}}
        ledger.append("release_measured", "", measured)
    for number in (1, 2):
        ledger.append("release_accepted", "", {"number": number, "actor": "a", "rule": "automatic"})
    ledger.append("release_rolled_back", "", {"number": 2, "to": 1, "actor": "a"})
    ledger.append("release_accepted", "", {"number": 1, "actor": "a", "rule": "rollback"})
    site = Site(Client(finished))
    assert {row.number: row.state for row in site.releases} == {1: "deployed", 2: "rolled_back", 3: "waiting"}
    assert site.opening.startswith("Release 1 is deployed.")
    text = write_site(Client(finished)).read_text(encoding="utf-8")
    assert f"2 · <code>{'cd' * 6}</code>" in text
    assert "rolled back" in text


def test_a_new_workspace_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("seed: 0\n")
    text = write_site(Client(tmp_path)).read_text(encoding="utf-8")
    assert "There is no request yet." in text
    assert "siu forget" in text


def test_equal_workspaces_give_equal_bytes_and_no_place_of_this_machine(finished: Workspace) -> None:
    first, second = (write_site(Client(finished)).read_bytes() for _ in range(2))
    assert first == second
    assert str(finished.root).encode() not in first


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (Debian: apt-get install chromium)")
class TestInChromium:
    @pytest.mark.parametrize("width", [390, 768, 1440])
    def test_no_width_needs_horizontal_scroll(self, finished: Workspace, tmp_path: Path, width: int) -> None:
        page = write_site(Client(finished), NAMES).read_text(encoding="utf-8")
        values = seen(page, tmp_path, width, "light")
        assert (values["width"], values["scroll"]) == (width, width)

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_axe_finds_no_fault(self, finished: Workspace, tmp_path: Path, scheme: str) -> None:
        if "AXE_CORE" not in os.environ:
            pytest.skip("AXE_CORE does not name axe-core's axe.min.js (npm install axe-core)")
        axe = Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8")
        page = re.sub("</body>", lambda _: f"<script>{axe}</script></body>", _page(finished))
        assert seen(page, tmp_path, 768, scheme)["faults"] == []


def _page(workspace: Workspace) -> str:
    return write_site(Client(workspace), NAMES).read_text(encoding="utf-8")
