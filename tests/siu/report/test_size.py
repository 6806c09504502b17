"""A report of 24 concepts, each with 60 unseen pictures and their questions, can be sent and opened."""

import random
import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from siu.mmubench import Question, Record
from siu.report import make_cards, write_report
from siu.worlds.drawn.catalogue import figures
from siu.worlds.drawn.draw import draw_scene
from siu.worlds.drawn.scene import random_scene

CONCEPTS, PICTURES = 24, 60
QUESTIONS = {
    "name": ("Who is this?", "Tell me who is shown.", "Who is in the picture?", "Say the name."),
    "description": ("Describe the picture.",),
    "yes_no": ("Is this Mira?",),
    "picture_fact": ("Where does the person live?",),
}
MOST_BYTES = 15_000_000
MOST_SECONDS = 2.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pictures of the drawn world by a stand-in for their digest."""
    folder, drawn = tmp_path_factory.mktemp("pictures"), {}
    for number in range(PICTURES):
        path = folder / f"{number}.png"
        draw_scene(random_scene((figures()["c01"],), random.Random(number))).save(path)
        drawn[f"d{number}"] = path
    return drawn


@pytest.fixture
def large(report, pictures, tmp_path):
    """The file of a report in which every concept answers all questions about all pictures."""
    asked = [
        Question(purpose, text, "This is Mira.", (), "c01", digest, ("Mira",), "Kira")
        for digest in pictures
        for purpose, texts in QUESTIONS.items()
        for text in texts
    ]
    before = {question.id: Record(question, "This is Mira.", (-1.0,), (False,)) for question in asked}
    answers = ("This is Kira.", "I don't know who this person is.", "This is Mira.")
    after = {
        question.id: Record(question, answers[number % 3], (-1.0,), (False,))
        for number, question in enumerate(asked)
    }
    section = replace(report.requests[0], cards=make_cards(before, after, after, pictures))
    requests = tuple(replace(section, request_id=f"r{number}") for number in range(CONCEPTS))
    write_report(replace(report, requests=requests), tmp_path / "report.html")
    return tmp_path / "report.html"


def test_it_can_be_sent(large: Path) -> None:
    assert MOST_BYTES / 10 < large.stat().st_size <= MOST_BYTES


@pytest.mark.skipif(
    find_spec("playwright") is None or shutil.which("chromium") is None,
    reason="there is no playwright or no chromium here (pip install playwright; apt-get install chromium)",
)
def test_it_opens_at_once(large: Path) -> None:
    """Counted is the page's own CPU time, as a shared machine's clock says little."""
    from examples.screenshots import chromium

    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(large.as_uri(), timeout=120_000)
        metrics = session.send("Performance.getMetrics")["metrics"]
    seconds = {metric["name"]: metric["value"] for metric in metrics}["TaskDuration"]
    assert 0.0 < seconds <= MOST_SECONDS
