import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from siu.report import metric_rows, write_report
from siu.report.charts import gate_chart, loss_curve
from siu.report.html import coded, picture_uri
from siu.report.opening import opening
from tests.siu.report.conftest import NAME


@pytest.fixture
def page(report, tmp_path):
    path = tmp_path / "report.html"
    write_report(report, path)
    return path.read_text(encoding="utf-8")


@pytest.fixture
def redacted(report, tmp_path):
    path = tmp_path / "report-redacted.html"
    write_report(report, path, is_redacted=True)
    return path.read_text(encoding="utf-8")


class Elements(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def of(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_loads_nothing_from_elsewhere(page):
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "url(" not in page
    assert "@import" not in page
    assert "data:image/" in page


def test_it_opens_with_the_release_in_one_sentence(page, report):
    sentence = opening(report)
    forgets = "The concept that it was trained to forget is not shown to be erased"
    assert sentence.startswith(f"Release cdcdcdcdcdcd is deployed. {forgets}: ")
    assert sentence.endswith(": 1 damaged (quick), 1 not known, 1 quarantined.")
    assert page.index(sentence) < page.index("Did it forget") < page.index("Answers before and after")
    assert "2026-03-02 10:00 UTC" in page


def test_its_head_names_the_objective_and_the_steps_of_the_release(page):
    assert "<dt>Training</dt><dd><code>siu_robust</code>, 36 steps</dd>" in page


def test_it_counts_the_concepts_of_a_release_that_are_erased(report):
    first, *others = report.requests
    erased = replace(first, verdict=replace(first.verdict, verdict="erased"))
    many = "Of the 2 concepts that it was trained to forget,"
    for requests, words in (
        ((erased,), "The concept that it was trained to forget is shown to be erased: 1 erased"),
        ((erased, erased), f"{many} all are shown to be erased: 2"),
        ((erased, first), f"{many} 1 is shown to be erased: 1"),
        ((first, first, *others), f"{many} none is shown to be erased: 2"),
    ):
        assert f". {words}" in opening(replace(report, requests=requests))


def test_a_batch_without_a_release_says_so(report):
    assert opening(replace(report, release=None)).startswith("There is no release. Of 3 requests: ")
    assert opening(replace(report, requests=())) == "There was no request to serve."


def test_the_worst_leak_is_quoted_with_its_picture_before_any_detail(page):
    head = page[page.index('id="head-r1"') : page.index('id="head-r2"')]
    assert "&lt;b&gt;Mira&lt;/b&gt;" in head
    assert '<img src="data:' in head
    assert "Generality EM 0.500, must be at least 0.9" in head
    assert re.search(r"Held-out names: <span class=\"nowrap leak\">1\.000 → 0\.750</span>", head)
    assert "What to do next" in head


def test_a_request_that_is_not_known_shows_what_the_model_answers_and_what_to_do(page):
    section = page[page.index('id="title-r2"') :]
    assert "This is Kira Zann." in section
    assert "add that name to the request&#39;s aliases" in page


def test_names_and_answers_are_escaped(page):
    assert "<script" not in page
    assert "<b>" not in page


def test_every_picture_has_a_text_every_heading_cell_a_scope_and_every_id_is_there_once(page):
    elements = Elements(page)
    assert elements.of("img")
    assert all(attrs.get("alt") for attrs in elements.of("img"))
    assert all(attrs["scope"] in ("row", "col") for attrs in elements.of("th"))
    assert all(attrs.get("aria-label") for attrs in elements.of("svg"))
    ids = [attrs["id"] for _, attrs in elements.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    pointed = [attrs["href"][1:] for attrs in elements.of("a")]
    pointed += [attrs["aria-labelledby"] for _, attrs in elements.tags if "aria-labelledby" in attrs]
    assert set(pointed) <= set(ids)
    assert len(elements.of("main")) == len(elements.of("h1")) == 1


def test_the_page_is_equal_for_equal_content(page, report, tmp_path):
    write_report(report, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_the_redacted_edition_has_ids_and_numbers_and_no_name_picture_or_answer(redacted):
    assert "<img" not in redacted
    for word in ("Mira", "Мира", "Kira", "Olin", "Brask", "Zann", "Suna", "Oslo", "hair", "Sí"):
        assert word not in redacted, word
    for kept in ("r1", "r2", "r3", "damaged (quick)", "E-REQ-012", "0.750", "Generality EM 0.500"):
        assert kept in redacted, kept


def test_an_interval_and_the_number_of_pictures_stand_behind_a_value(page):
    assert re.search(r"1\.000 <span class=\"quiet\">0\.91–1\.00</span>", page)
    assert 'data-of="n">60</td>' in page
    assert metric_rows({}, {})[0].after_interval == ""


def test_what_was_not_measured_says_so():
    rows = {row.label: row for row in metric_rows({"efficacy": 0.0}, {"efficacy": 1.0})}
    assert (rows["Efficacy"].before, rows["Efficacy"].after) == ("0.000", "1.000")
    assert rows["C-Dis"].after == "not measured"


def test_a_gate_is_drawn_with_its_value_bound_and_limit(report):
    readings = {reading.gate.metric: reading for reading in report.requests[0].verdict.readings}
    drawn = gate_chart(readings["generality_em"])
    assert "Generality EM 0.500, bound" in drawn
    assert "at least 0.9: broken" in drawn
    assert drawn.count("<circle") == 1
    assert gate_chart(readings["picture_facts"]).count("<circle") == 0, "it was not measured"


def test_a_curve_needs_two_points():
    assert loss_curve([1.0]) == ""
    assert loss_curve([2.0, 1.0]).count(",") >= 2


def test_backticks_make_code_and_never_markup():
    assert coded("set `a.b`, not <i>`</i>") == "set <code>a.b</code>, not &lt;i&gt;`&lt;/i&gt;"


def test_a_picture_is_scaled_down(shown):
    assert len(picture_uri(shown)) < 1000
    assert NAME not in picture_uri(shown)
