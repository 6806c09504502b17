import math
from dataclasses import replace

import pytest

from siu.gold import distances
from siu.gold.distance import answer_distribution, distance, jensen_shannon, truth_ratio
from siu.mmubench import Question, Record

TRUE, WRONG, OTHER = "This is Mira.", "This is Davi.", "This is Olin."


def asked(given, picture="p0", purpose="candidate"):
    return Question(purpose, "Who is this?", given, (TRUE,), "c", picture)


def records(*rows, purpose="candidate"):
    """Each row: the probability per token of the true and of two wrong answers, of two tokens each."""
    made = {}
    for number, probabilities in enumerate(rows):
        for given, probability in zip((TRUE, WRONG, OTHER), probabilities, strict=True):
            question = asked(given, f"p{number}", purpose)
            scores = (math.log(probability),) * 2
            made[question.id] = Record(question, "", scores, (False, False))
    return made


def test_the_truth_ratio_is_the_hand_computed_one():
    found = truth_ratio(list(records((0.5, 0.2, 0.1)).values()))
    assert math.exp(found) == pytest.approx((0.2 + 0.1) / 2 / 0.5)


def test_the_distribution_gives_what_is_left_to_all_other_answers():
    found = answer_distribution(list(records((0.5, 0.2, 0.1)).values()))
    assert found == pytest.approx([0.25, 0.04, 0.01, 0.70])


def test_equal_models_have_no_distance():
    same = records((0.5, 0.2, 0.1), (0.4, 0.3, 0.1))
    found = distance(same, same, "candidate")
    assert (found.ks, found.p_value, found.jensen_shannon, found.questions) == (0.0, 1.0, 0.0, 2)


def test_a_model_that_knows_is_far_from_one_that_never_knew():
    knows = records(*[(0.9, 0.01, 0.01)] * 20)
    never = records(*[(0.01, 0.01, 0.01)] * 20)
    found = distance(knows, never, "candidate")
    assert found.ks == 1.0
    assert found.p_value < 0.001
    assert 0.5 < found.jensen_shannon < 1.0


def test_two_questions_about_one_picture_are_one_observation():
    knows, never = records(*[(0.9, 0.01, 0.01)] * 4), records(*[(0.01, 0.01, 0.01)] * 4)
    found = distance(knows, never, "candidate")
    assert (found.ks, found.pictures, found.p_value) == (1.0, 4, pytest.approx(2 / 2**4))
    for same in (knows, never):
        for record in list(same.values()):
            question = replace(record.question, text="And who is this?")
            same[question.id] = replace(record, question=question)
    found = distance(knows, never, "candidate")
    assert (found.questions, found.pictures, found.p_value) == (8, 4, pytest.approx(2 / 2**4))


def test_jensen_shannon_is_0_to_1_and_symmetric():
    assert jensen_shannon([1.0, 0.0], [0.0, 1.0]) == pytest.approx(1.0)
    assert jensen_shannon([0.5, 0.5], [0.5, 0.5]) == 0.0
    one, other = [0.7, 0.2, 0.1], [0.1, 0.6, 0.3]
    assert jensen_shannon(one, other) == pytest.approx(jensen_shannon(other, one))


def test_records_without_the_true_answer_or_of_other_pictures_are_left_out():
    alone = {key: one for key, one in records((0.5, 0.2, 0.1)).items() if one.question.expected != TRUE}
    assert distance(alone, alone, "candidate") is None
    here = records((0.5, 0.2, 0.1))
    there = records((0.5, 0.2, 0.1), (0.5, 0.2, 0.1))
    assert distance(here, there, "candidate").questions == 1


def test_what_was_not_asked_is_not_measured():
    groups = records((0.5, 0.2, 0.1), purpose="group_candidate")
    found = distances(groups, groups)
    assert found["concept"] is None
    assert found["groups"].questions == 1
