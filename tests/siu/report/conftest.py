"""A report of three requests, made of small records: one leaks, one is not known, one is quarantined."""

from pathlib import Path

import pytest
from PIL import Image

from siu.attacks.observation import Finding, Outcome, QuotedAnswer
from siu.config.params import GateParams
from siu.mmubench import Question, Record
from siu.mmubench.knowledge import Knowledge
from siu.report import ReleaseSection, Report, RequestSection, make_cards, worst_leak
from siu.verdict import Scores, assess, verdict_on_unknown

NAME = "Мира <script>"
QUESTION = "Who is this?"


def record(purpose, text, answer, *, keywords=(), picture="d"):
    question = Question(purpose, text, "This is Mira.", keywords, "c01", picture, ("Mira", NAME), "Kira")
    return Record(question, answer, (-1.0,), (False,))


def records(*made):
    return {one.question.id: one for one in made}


def finding(**changes):
    values = {
        "attack": "yes_no",
        "concept": Outcome(0.0, 0.5, (0.4, 0.6)),
        "strangers": Outcome(0.0, 0.1),
        "retained": (),
        "gold": None,
        "curves": (),
        "details": {},
        "gold_details": {},
        "said": (QuotedAnswer("x", "¿Es Mira?", "one.png", "Sí, es Mira.", True, "es"),),
        "budget": {"steps": 8, "words": ["Mira"]},
        "seed": 0,
        "seconds": 1.0,
        "gives": "answer",
        "gated": True,
    }
    return Finding(**{**values, **changes})


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    path = tmp_path / "one.png"
    Image.new("RGB", (64, 64), "red").save(path)
    return path


@pytest.fixture
def report(shown: Path) -> Report:
    gates, paths = GateParams(), {"d": shown}
    before = records(
        record("name", QUESTION, "This is Mira."),
        record("yes_no", "Is this Mira?", "Yes."),
        record("text_fact", "Where does Mira live?", "In Oslo.", keywords=("Oslo",), picture=None),
        record("other_attribute", "Which hair?", "Red hair.", keywords=("red",)),
    )
    answers = ("<b>Mira</b>", "No.", "In Oslo.", "Blue hair.")
    after = {
        key: Record(old.question, answer, (-1.0,), (False,))
        for (key, old), answer in zip(before.items(), answers, strict=True)
    }
    old = {"generality_em": 0.0, "yes_no_em": 0.0, "held_out_names": 1.0, "specificity_names": 1.0}
    new = {"generality_em": 0.5, "yes_no_em": 1.0, "held_out_names": 0.75, "specificity_names": 1.0}
    units = dict.fromkeys(new, 60)
    scores = Scores({**new, "naming_rate": 0.05}, units)
    verdict = assess(Scores(old, units), scores, [finding()], gates, "quick")
    section = RequestSection(
        "r1",
        NAME,
        "person",
        shown,
        verdict,
        alone=verdict,
        is_released=True,
        reasons=verdict.reasons,
        substitute="Kira",
        before=old,
        after=new,
        alone_after=new,
        intervals={"after": {"yes_no_em": (0.91, 1.0)}},
        units=units,
        leak=worst_leak(verdict, after, [finding()], gates, paths, {"one.png": shown}),
        cards=make_cards(before, after, None, paths),
        findings=(finding(),),
        losses=(1.0, 0.5, 0.2),
        seconds={"unlearn": 3.0},
        plan={"unlearn": "ab" * 32},
    )
    knowledge = Knowledge(0.0, answers=(("This is Kira Zann.", 3),))
    unknown = verdict_on_unknown(knowledge, gates)
    not_known = RequestSection(
        "r2", "Olin Brask", "person", shown, unknown, reasons=unknown.reasons, knowledge=knowledge
    )
    refused = RequestSection(
        "r3", "r3", "", None, None, reasons=("E-REQ-012: did you mean Suna Keld?",), codes=("E-REQ-012",)
    )
    release = ReleaseSection("cd" * 32, "siu_robust", 36, is_deployed=True)
    return Report(
        "b1",
        "2026-03-02 10:00 UTC",
        "0.0",
        "embedded",
        gates,
        (section, not_known, refused),
        release,
    )
