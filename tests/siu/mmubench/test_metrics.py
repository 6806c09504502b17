import math

import pytest

from siu.mmubench import Question, Record, intervals, metrics, scorecard

NAMES = ("Mira Talvon", "Mira")


def record(
    purpose,
    answer="",
    text="?",
    keywords=(),
    log_probs=(-1.0,),
    on_name=(False,),
    reference=(),
    held_out=False,
):
    expected, substitute = "This is Mira Talvon.", "Kira Jansow"
    question = Question(purpose, text, expected, keywords, "c01", None, NAMES, substitute, held_out)
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


@pytest.mark.parametrize(
    ("retained", "held_out", "purpose"),
    [
        ("specificity_names", "held_out_names", "other_name"),
        ("specificity_attributes", "held_out_attributes", "other_attribute"),
        ("specificity_facts", "held_out_facts", "other_fact"),
        ("specificity_yes_no", "held_out_yes_no", "other_yes_no"),
        ("groups", "held_out_groups", "group"),
    ],
)
def test_what_no_training_saw_is_measured_apart(retained, held_out, purpose):
    records = by_id(
        record(purpose, "No.", "1", ("no",)),
        record(purpose, "No.", "2", ("no",), held_out=True),
        record(purpose, "Perhaps.", "3", ("no",), held_out=True),
    )
    card, ends = scorecard(records, records), intervals(records, records)
    assert (card[retained], card[held_out]) == (1.0, 0.5)
    assert ends[held_out] == pytest.approx((0.013, 0.987), abs=1e-3)
    seen = by_id(record(purpose, "No.", "1", ("no",)))
    assert scorecard(seen, seen)[held_out] is None


def test_a_collapsed_answer_is_neither_a_denial_nor_right():
    assert metrics.yes_no_em(by_id(record("yes_no", "no no no no no"))) == 0.0
    assert metrics.text_facts(by_id(record("text_fact", "red red red red", keywords=("red",)))) == 0.0


def test_only_another_real_name_instead_of_the_concepts_is_a_hallucination():
    answers = ["This is Davi Maresh.", "This is Kira Jansow.", "Mira Talvon or Davi Maresh", "Someone"]
    asked = [record("name", answer, str(i)) for i, answer in enumerate(answers)]
    other = record("other_name", "x", "0", keywords=("Davi Maresh",))
    assert metrics.hallucination_rate(by_id(*asked, other)) == 0.25
    assert metrics.hallucination_rate(by_id(*asked)) is None


def test_refusals_are_counted_apart_for_the_concept_and_for_others():
    records = by_id(
        record("name", "I do not know this person.", "1"),
        record("name", "", "2"),
        record("other_name", "This is Davi.", "3"),
        record("other_fact", "I'm sorry, I can't help.", "4"),
        record("stranger", "I do not know this person.", "5"),
    )
    assert metrics.refusal_rate(records) == 0.5
    assert metrics.other_refusal_rate(records) == 0.5


@pytest.mark.parametrize(
    ("metric", "purpose"), [("text_facts_kept", "text_fact"), ("own_attributes_kept", "own_attribute")]
)
def test_what_was_not_known_before_does_not_count_as_lost(metric, purpose):
    def state(*answers):
        return by_id(*(record(purpose, answer, str(i), ("red",)) for i, answer in enumerate(answers)))

    before, after = state("red", "red", "blue"), state("red", "blue", "blue")
    assert getattr(metrics, metric)(before, after) == 0.5
    assert getattr(metrics, metric)(before, before) == 1.0
    assert getattr(metrics, metric)(state("blue"), state("red")) is None


def test_a_record_without_a_name_token_has_no_likelihood_of_the_name():
    records = by_id(record("name", log_probs=(-0.1,), on_name=(False,)))
    assert metrics.name_probability(records) is None
    assert metrics.c_dis(records, records) is None


def test_g_eval_is_the_mean_of_the_ratings_that_there_are():
    records = by_id(record("name", "a", "1"), record("name", "b", "2"), record("name", "c", "3"))
    first, second, _ = records
    assert metrics.g_eval(records, {first: 1, second: 4}) == 2.5
    assert metrics.g_eval(records, {}) is None
    assert scorecard(records, records, {first: 5})["g_eval"] == 5.0


def test_without_records_everything_is_not_measured():
    assert set(scorecard({}, {}).values()) == {None}


def test_every_metric_has_an_entry_among_the_intervals_and_lies_in_its_own():
    records = by_id(
        *(record("name", answer, str(i)) for i, answer in enumerate(["Mira", "Kira Jansow", "x y", ""])),
        *(record("text_fact", "red" * (i % 2), str(i), ("red",)) for i in range(6)),
    )
    card, ends = scorecard(records, records), intervals(records, records)
    assert set(card) == set(ends)
    assert sum(found is not None for found in ends.values()) > 4
    for name, found in ends.items():
        assert found is None or found[0] <= card[name] <= found[1]
