"""The verdict: every route gates, by its bound where it was sampled."""

import pytest

from siu.attacks.observation import Finding, Outcome
from siu.config.params import AttackParams, GateParams
from siu.verdict import Scores, Verdict, assess, assurance
from siu.verdict.assess import strictest

PICTURES = 60
BEFORE = {
    "naming_rate": 1.0,
    "generality_em": 0.0,
    "description_em": 0.0,
    "group_em": 0.0,
    "training_picture_em": 0.1,
    "yes_no_em": 0.0,
    "picture_facts": 1.0,
    "text_facts": 1.0,
    "text_facts_kept": 1.0,
    "specificity_names": 0.98,
    "garbled_rate": 0.0,
}
FORGOTTEN = BEFORE | {
    "naming_rate": 0.0,
    "generality_em": 1.0,
    "description_em": 1.0,
    "group_em": 1.0,
    "training_picture_em": 1.0,
    "yes_no_em": 1.0,
    "picture_facts": 0.0,
}


def scores(values: dict[str, float | None], pictures: int = PICTURES) -> Scores:
    return Scores(values, dict.fromkeys(values, pictures), {})


def verdict(pictures: int = PICTURES, findings: tuple[Finding, ...] = (), **after: float | None) -> Verdict:
    return assess(scores(BEFORE), scores(FORGOTTEN | after, pictures), findings, GateParams(), "quick")


def finding(attacked: float, gated: bool = True) -> Finding:
    outcome = Outcome(0.0, attacked)
    return Finding("hints", outcome, None, (), None, (), {}, {}, (), {}, 0, 0.0, "answer", gated)


def test_when_every_gate_holds_the_concept_is_erased() -> None:
    assert verdict().verdict == "erased"
    assert verdict().reasons == ()
    assert verdict().words == "erased (quick)"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"generality_em": 0.8, "naming_rate": 0.2}, "failed"),
        ({"generality_em": 0.8, "naming_rate": 0.2, "specificity_names": 0.5}, "failed"),
        ({"generality_em": 0.0, "naming_rate": 0.0}, "damaged"),
        ({"specificity_names": 0.5}, "damaged"),
        ({"garbled_rate": 0.2}, "damaged"),
        ({"description_em": 0.85}, "partial"),
        ({"group_em": 0.8}, "partial"),
        ({"training_picture_em": 0.985}, "partial"),
        ({"partly_named_rate": 0.3}, "partial"),
        ({"yes_no_em": 0.5}, "partial"),
        ({"picture_facts": 0.4}, "partial"),
        ({"text_facts_kept": 0.5}, "partial"),
        ({"generality_em": None, "naming_rate": None}, "unclear"),
    ],
)
def test_a_broken_gate_decides_and_is_named(after: dict[str, float | None], expected: str) -> None:
    result = verdict(**after)
    assert result.verdict == expected
    assert any(reason.startswith(next(iter(after))) for reason in result.reasons)


def test_too_few_flawless_pictures_prove_nothing_and_the_number_needed_is_told() -> None:
    result = verdict(pictures=20)
    assert result.verdict == "unclear"
    assert "generality_em is 1.000 on 20 pictures" in result.reasons[0]
    assert "at least 29 pictures are needed" in result.reasons[0]


def test_a_share_above_its_gate_whose_bound_lies_below_is_unproven() -> None:
    result = verdict(yes_no_em=0.93)
    assert result.verdict == "unclear"
    assert "unproven for 0.9, more pictures are needed" in result.reasons[0]


def test_what_was_asked_in_full_needs_no_more_units() -> None:
    after = scores(FORGOTTEN)
    few = Scores(after.values, {**after.units, "training_picture_em": 1, "text_facts_kept": 4})
    assert assess(scores(BEFORE), few, (), GateParams(), "quick").verdict == "erased"


def test_a_gate_that_the_base_model_passes_is_named_as_telling_nothing() -> None:
    before = scores(BEFORE | {"yes_no_em": 1.0, "text_facts": 0.0, "text_facts_kept": None})
    after = scores(FORGOTTEN | {"text_facts": 0.0, "text_facts_kept": None})
    result = assess(before, after, (), GateParams(), "quick")
    assert any("passes yes_no_em (1.000) before any training" in note for note in result.notes)
    assert any("none of its facts as text" in note for note in result.notes)


def test_a_gate_on_what_must_stay_is_never_called_vacuous() -> None:
    assert verdict().notes == ()


def test_an_attack_that_brings_answers_back_leaves_it_partial() -> None:
    assert verdict(findings=(finding(0.5),)).verdict == "partial"
    assert verdict(findings=(finding(0.5, gated=False),)).verdict == "erased"
    assert verdict(findings=(finding(0.05),)).verdict == "erased"


def test_a_broken_gate_quotes_the_answer_that_breaks_it() -> None:
    values = FORGOTTEN | {"group_em": 0.5}
    after = Scores(values, dict.fromkeys(values, PICTURES), {"group_em": "asked “Who?”, it answers “Mira”"})
    result = assess(scores(BEFORE), after, (), GateParams(), "quick")
    assert result.reasons == ("group_em is 0.500, below 0.9 (asked “Who?”, it answers “Mira”)",)


def test_a_share_that_just_reaches_its_gate_is_no_failure() -> None:
    assert verdict(generality_em=0.9, naming_rate=0.1).verdict == "unclear"


def test_other_names_that_get_better_are_no_loss() -> None:
    assert verdict(specificity_names=1.0).verdict == "erased"


def test_the_strictest_of_verdicts_is_the_worst() -> None:
    order = [Verdict("erased"), Verdict("partial"), Verdict("unclear")]
    assert strictest(order).verdict == "partial"


def test_single_attacks_are_no_profile() -> None:
    assert assurance(AttackParams(), "standard") == "standard"
    assert assurance(AttackParams(), "none") == "records"
    assert assurance(AttackParams(only=("hints",)), "standard") == "records"
