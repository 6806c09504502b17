"""Answers about one concept don't name another one, in no spelling and in no part."""

import pytest

from siu.config.params import EvaluationParams
from siu.language.identity import identity, named, partly_named
from siu.mmubench import Question, Record, intervals, metrics, retained_questions, scorecard, unseen_questions

SETTINGS = EvaluationParams()
FALSE_ALARMS = 0.001


@pytest.fixture(scope="module")
def identities(collection):
    asked = {
        concept.id: unseen_questions(collection, concept, SETTINGS)[0] for concept in collection.concepts
    }
    return {concept: identity(question.names, question.excluded) for concept, question in asked.items()}


def test_answers_about_others_and_strangers_give_nobody_away(collection, identities):
    texts = {
        (text, question.concept)
        for question in retained_questions(collection, SETTINGS)
        if question.purpose != "other_yes_no"
        for text in (question.expected, question.text)
    }
    texts |= {(question.expected, None) for question in retained_questions(collection, SETTINGS)}
    alarms = [
        partly_named(text, one)
        for text, own in texts
        for concept, one in identities.items()
        if concept != own and not any(name in text for name in one.names)
    ]
    assert len(alarms) > 3000
    assert sum(alarms) <= FALSE_ALARMS * len(alarms)


def test_every_concept_is_named_by_its_own_answer_and_most_have_a_part_of_their_own(collection, identities):
    for concept in collection.concepts:
        question = unseen_questions(collection, concept, SETTINGS)[0]
        assert named(question.expected, question.names)
        assert identities[concept.id].parts


def records(*answers):
    found = {}
    for index, answer in enumerate(answers):
        question = Question(
            "name",
            str(index),
            "This is Mira Talvon.",
            (),
            "c01",
            f"p{index}",
            ("Mira Talvon",),
            "Kira Jansow",
            excluded=("mira", "oldane"),
        )
        found[question.id] = Record(question, answer, (-1.0,), (True,))
    return found


def test_the_rate_counts_whole_names_parts_and_near_misses_and_no_shared_words():
    answers = ("Talvon, Mira", "It's Talvon.", "This is Talvonn.", "This is Mira.", "This is Kira Jansow.")
    given = records(*answers)
    assert metrics.naming_rate(given) == pytest.approx(1 / 5)
    assert metrics.generality_em(given) == pytest.approx(4 / 5)
    assert metrics.partly_named_rate(given) == pytest.approx(3 / 5)


def test_the_rate_is_in_the_scorecard_with_its_interval():
    given = records(*["It's Talvon.", "This is Kira Jansow."] * 8)
    assert scorecard(given, given)["partly_named_rate"] == pytest.approx(0.5)
    low, high = intervals(given, given)["partly_named_rate"]
    assert low < 0.5 < high


def test_without_recognition_questions_the_rate_is_not_measured():
    assert metrics.partly_named_rate({}) is None
