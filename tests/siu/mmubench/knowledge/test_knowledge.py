"""Whether the base model knows a concept: all evidence counts, and disagreement is told."""

import pytest

from siu.config.params import GateParams
from siu.mmubench.knowledge import Knowledge, knowledge_from_json
from siu.verdict import verdict_on_unknown

UNKNOWN = Knowledge(0.0, 0.0, 0.1, 10, 0.1, 0.1, (("This is a cat.", 12),))


def test_a_name_that_comes_out_is_known() -> None:
    assert Knowledge(0.9).state(0.5) == "known"


def test_without_unseen_pictures_a_concept_counts_as_known() -> None:
    assert Knowledge(None).state(0.5) == "known"


def test_when_all_evidence_is_against_it_the_concept_is_not_known() -> None:
    verdict = verdict_on_unknown(UNKNOWN, GateParams())
    assert verdict.verdict == "not_known"
    assert "“This is a cat.” (12×)" in verdict.reasons[0]


@pytest.mark.parametrize(
    "evidence",
    [
        {"partly_named_rate": 0.8},
        {"first_rate": 1.0},
        {"yes_rate": 0.95},
    ],
)
def test_any_other_evidence_makes_it_unclear_with_answers_and_remedy(evidence: dict[str, float]) -> None:
    knowledge = Knowledge(**{**UNKNOWN.to_json(), "answers": UNKNOWN.answers, **evidence})
    verdict = verdict_on_unknown(knowledge, GateParams())
    assert verdict.verdict == "unclear"
    assert "“This is a cat.” (12×)" in verdict.reasons[0]
    assert "alias" in verdict.reasons[0]


def test_a_model_that_affirms_every_name_says_nothing_by_it() -> None:
    assert Knowledge(0.0, 0.0, 0.0, 10, 1.0, 0.9).state(0.5) == "not_known"


def test_the_likeliest_of_one_name_says_nothing() -> None:
    assert Knowledge(0.0, 0.0, 1.0, 1).state(0.5) == "not_known"


def test_knowledge_survives_its_json() -> None:
    assert knowledge_from_json(UNKNOWN.to_json()) == UNKNOWN
