from html.parser import HTMLParser
from pathlib import Path

from siu.comparison.page import interval, spread, write_page
from siu.comparison.table import make_table
from siu.statistics.clusters import Mean
from tests.siu.comparison.small_study import failed, result, study


class Texts(HTMLParser):
    """Gathers the cells of all tables and what is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe"):
            self.loaded.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_what_was_measured_and_what_failed(tmp_path: Path) -> None:
    results = (result("siu", "c-0", em=0.9), result("siu", "c-1", em=0.7), failed("npo"))
    compared = study("siu", "npo")
    table = make_table(results, compared)
    write_page(tmp_path / "index.html", "small", compared, results, table, {"siu": 8}, {"seeds": "0"})
    page = Texts()
    page.feed((tmp_path / "index.html").read_text())
    assert page.loaded == []
    assert "0.800 [0.08, 1.00]" in page.text
    assert "npo/c-0/0: E-UNL-001 <b>the loss is not finite" in " ".join(page.text.split())
    assert "not measured" in page.text
    assert "2 of 2" in page.text
    assert "0.70 – 0.90, n 2 (2)" in page.text
    assert "declared no primary endpoint" in page.text


def test_the_page_marks_the_primary_endpoint_and_calls_all_else_exploratory(tmp_path: Path) -> None:
    results = [
        result(name, f"c-{number}", kept=kept)
        for name, kept in (("siu", 0.9), ("npo", 0.8))
        for number in range(5)
    ]
    compared = study("siu", "npo", primary="loss_of_others")
    write_page(tmp_path / "index.html", "small", compared, results, make_table(results, compared), {}, {})
    page = Texts()
    page.feed((tmp_path / "index.html").read_text())
    assert "Primary endpoint, declared in the study: Loss of others" in page.text
    assert "1 comparison corrected after Holm" in page.text
    assert "Loss of others ↓ primary" in page.text
    assert page.text.count("Holm 0.0") == 1, "only its differences are tested"


def test_intervals_read_well() -> None:
    assert interval(Mean(0.5, 0.25, 0.75, 4, 2)) == "0.500 [0.25, 0.75]"
    assert interval(Mean(0.5, 0.25, 0.75, 4, 2), signed=True) == "+0.500 [+0.25, +0.75]"
    assert interval(Mean(0.5, None, None, 4, 1)) == "0.500"
    assert interval(Mean(None, None, None, 0, 0)) == "not measured"
    assert spread(Mean(0.5, 0.25, 0.75, 24, 8, 0.0, 1.0)) == "0.00 – 1.00, n 8 (24)"
    assert spread(Mean(None, None, None, 0, 0)) == ""
