import pytest

from siu.attacks.observation import Curve, Finding, Outcome, QuotedAnswer
from siu.config.params import GateParams
from siu.report.attack_page import write_attack_page
from siu.report.attack_rows import attack_rows
from siu.report.curves import curves_svg


def finding(**changes):
    values = {
        "attack": "relearning",
        "concept": Outcome(0.0, 0.5, (0.4, 0.6)),
        "strangers": Outcome(0.0, 0.1),
        "retained": (Outcome(None, None),),
        "gold": None,
        "curves": (Curve("3 pictures", "steps", ((0.0, 0.0), (8.0, 1.0))),),
        "details": {"steps_to_half": 8.0},
        "gold_details": {},
        "said": (QuotedAnswer("x", "Who is this? <b>", None, "This is Mira.", True),),
        "budget": {"steps": [0, 8]},
        "seed": 0,
        "seconds": 1.0,
        "gives": "answer",
        "gated": True,
    }
    return Finding(**{**values, **changes})


def test_the_page_shows_scores_controls_budgets_and_curves(tmp_path):
    page = tmp_path / "attacks.html"
    shown = {"name": "Mira", "adapter": "a", "base_model": "b", "profile": "quick", "gates": GateParams()}
    write_attack_page([finding()], page, gold=None, **shown)
    assert "no gold model" in page.read_text(encoding="utf-8")
    write_attack_page([finding()], page, gold="never-knew", **shown)
    text = page.read_text(encoding="utf-8")
    assert "gold model <code>never-knew</code>" in text
    assert "What is left of Mira? 1 of 1 attacks bring it back, most Relearning: 0.400" in text
    assert "0.00 → 0.50 (0.40–0.60)" in text
    assert "steps [0, 8]" in text
    assert "<svg" in text
    assert "Who is this? &lt;b&gt;" in text
    assert "http" not in text


def test_what_is_beyond_the_control_is_an_alarm():
    assert [row.alarm for row in attack_rows([finding(), finding(strangers=Outcome(0.0, 0.45))])] == [
        True,
        False,
    ]
    assert attack_rows([finding()])[0].excess == "0.40"
    assert attack_rows([finding()])[0].control == "strangers"
    assert attack_rows([finding(concept=Outcome(None, None))])[0].excess == "not measured"


def test_the_first_control_that_was_measured_counts():
    held = {"controls": ("gold", "new name")}
    assert finding(**held, gold=Outcome(0.0, 0.3)).excess == pytest.approx(0.2)
    assert finding(**held, gold=Outcome(None, None)).excess == pytest.approx(0.4)
    assert finding(**held, gold=Outcome(0.5, 0.0)).excess == pytest.approx(0.5)
    assert finding(**held, gold=Outcome(None, None)).control == "new name"


def test_strangers_count_where_a_gold_model_is_silent():
    """A soft prompt that makes half of all strangers the concept has put that half in itself."""
    seen = finding(concept=Outcome(0.0, 1.0), strangers=Outcome(0.0, 0.5), gold=Outcome(0.0, 0.0))
    assert seen.excess == pytest.approx(0.5)
    assert seen.control == "strangers"


def test_one_wording_is_no_excuse_for_another():
    """The name written into the picture makes strangers the concept; the order to tell it does not."""
    own = Outcome(0.0, 0.9, None, {"name": 0.9, "order": 0.8})
    seen = finding(concept=own, strangers=Outcome(0.0, 0.9, None, {"name": 0.9, "order": 0.1}))
    assert seen.excess == pytest.approx(0.7)
    assert seen.worst == "order"


def test_without_a_measured_control_all_of_it_counts():
    seen = finding(strangers=None)
    assert seen.control is None
    assert seen.excess == pytest.approx(0.5)


def test_curves_are_drawn_to_scale_or_side_by_side():
    drawn = curves_svg([Curve("a", "steps", ((0.0, 0.0), (2.0, 0.5), (8.0, 1.0)))])
    assert drawn.count("<circle") == 3
    assert 'cx="95.5"' in drawn  # a quarter of the way from 30 to 292
    kinds = curves_svg([Curve("a", "precision", (("full", 0.0), ("int4", 1.0)))])
    assert "int4" in kinds
    assert curves_svg([]) == ""
