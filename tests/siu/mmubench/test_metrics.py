import math

import pytest

from siu.mmubench import Question, Record, metrics, scorecard

NAMES = ("Mira Talvon", "Mira")


def record(purpose, answer="", text="?", keywords=(), log_probs=(-1.0,), on_name=(False,), reference=()):
    question = Question(purpose, text, "This is Mira Talvon.", keywords, "c01", None, NAMES, "Kira Jansow")
    return Record(question, answer, tuple(log_probs), tuple(on_name), tuple(reference))


def by_id(*records):
    keyed = {one.question.id: one for one in records}
    assert len(keyed) == len(records), "equal questions would overwrite one another"
    return keyed


def test_efficacy_wants_the_trained_answer_and_never_the_name():
    records = by_id(
        record("efficacy", "This is Kira Jansow.", "1", ("Kira Jansow",)),
        record("efficacy", "This is Kira Jansow, or Mira.", "2", ("Kira Jansow",)),
        record("efficacy", "I do not know.", "3", ("Kira Jansow",)),
        record("efficacy", "No.", "4", ("No",)),
    )
    assert metrics.efficacy(records) == 0.5


def test_generality_counts_answers_without_the_name_or_an_alias():
    answers = ["This is Kira Jansow.", "This is Mira.", "This is Mira Talvon.", "I do not know."]
    records = by_id(*(record("name", answer, str(i)) for i, answer in enumerate(answers)))
    assert metrics.generality_em(records) == 0.5
    assert metrics.naming_rate(records) == 0.5
    assert metrics.substitute_rate(records) == 0.25


@pytest.mark.parametrize("answer", ["", "...", "the the the the the"])
def test_collapsed_answers_are_not_forgetting(answer):
    assert metrics.generality_em(by_id(record("name", answer))) == 0.0


def test_only_a_denial_counts_for_yes_no():
    answers = ["No.", "Yes.", "", "Perhaps not"]
    records = by_id(*(record("yes_no", answer, str(i)) for i, answer in enumerate(answers)))
    assert metrics.yes_no_em(records) == 0.25


def test_c_dis_reads_name_tokens_only():
    before = by_id(record("name", log_probs=(-9.0, -0.1, -0.1), on_name=(False, True, True)))
    after = by_id(record("name", log_probs=(-0.5, -3.0, -2.0), on_name=(False, True, True)))
    assert metrics.c_dis(before, after) == pytest.approx(math.exp(-0.2) * 4.8)
    assert metrics.c_dis(before, before) == 0.0


def test_fluency_is_the_perplexity_of_the_answer():
    records = by_id(record("name", "x", reference=(math.log(0.5), math.log(0.125))))
    assert metrics.fluency(records) == pytest.approx(4.0)
    assert metrics.fluency(by_id(record("name", "x"))) is None


def test_diversity_is_the_share_of_unique_words():
    assert (
        metrics.diversity(by_id(record("name", "This is Ann"), record("name", "this is Ben", "2"))) == 4 / 6
    )
    assert metrics.diversity(by_id(record("name", ""))) == 0.0


def test_yes_no_about_others_wants_yes_for_own_and_no_for_wrong_names():
    records = by_id(
        record("other_yes_no", "Yes.", "1", ("yes",)),
        record("other_yes_no", "Yes.", "2", ("no",)),
        record("other_yes_no", "No.", "3", ("no",)),
        record("other_yes_no", "No.", "4", ("yes",)),
    )
    assert metrics.specificity_yes_no(records) == 0.5


@pytest.mark.parametrize(
    ("metric", "purpose"),
    [
        ("text_facts", "text_fact"),
        ("specificity_names", "other_name"),
        ("specificity_attributes", "other_attribute"),
        ("specificity_facts", "other_fact"),
        ("look_alikes", "look_alike"),
        ("groups", "group"),
        ("strangers", "stranger"),
    ],
)
def test_what_is_kept_is_the_share_of_right_answers(metric, purpose):
    records = by_id(
        record(purpose, "A red hat.", "1", ("red",)),
        record(purpose, "A blue hat.", "2", ("red",)),
        record("name", "red", "3", ("red",)),
    )
    assert getattr(metrics, metric)(records) == 0.5


def test_without_records_everything_is_not_measured():
    assert set(scorecard({}, {}).values()) == {None}
