import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.mmubench import Question, Record, metrics
from siu.mmubench.ratios import Metric, Score, ratio, scores_interval


def shares(right, of, per_unit=1):
    return [Score(str(index // per_unit), float(index < right)) for index in range(of)]


@ratio
def passing(right, of, per_unit):
    """What it means."""
    return shares(right, of, per_unit)


def named(answers_by_picture):
    """Records of "who is this?" on some pictures; each answer is asked in another wording."""
    records = {}
    for picture, answers in answers_by_picture.items():
        for number, answer in enumerate(answers):
            text = f"Who is this? {number}"
            question = Question("name", text, "This is Mira.", ("Mira",), "c", picture, ("Mira",))
            records[question.id] = Record(question, answer, (-1.0,), (True,))
    return records


def test_the_interval_is_near_the_normal_approximation_for_a_share_in_the_middle():
    low, high = scores_interval(shares(100, 200))
    half = 1.96 * math.sqrt(0.25 / 200)
    assert low == pytest.approx(0.5 - half, abs=0.01)
    assert high == pytest.approx(0.5 + half, abs=0.01)


@pytest.mark.parametrize(("right", "low", "high"), [(20, 0.832, 1.0), (0, 0.0, 0.168), (19, 0.751, 0.999)])
def test_units_that_agree_leave_room_for_others_that_do_not(right, low, high):
    assert scores_interval(shares(right, 20)) == pytest.approx((low, high), abs=5e-4)


def test_equal_questions_on_one_picture_tell_nothing_new():
    alone = scores_interval(shares(10, 20))
    four_each = scores_interval(shares(40, 80, per_unit=4))
    assert four_each == pytest.approx(alone)


def test_one_unit_or_none_has_no_interval():
    assert scores_interval([]) is None
    assert scores_interval(shares(2, 4, per_unit=4)) is None


@pytest.mark.parametrize(("pictures", "bound"), [(20, 0.861), (58, 0.9497), (59, 0.9505)])
def test_a_gate_of_95_percent_takes_59_pictures_whatever_is_asked_about_them(pictures, bound):
    assert passing.bound(pictures, pictures, 1) == pytest.approx(bound, abs=5e-4)
    assert passing.bound(4 * pictures, 4 * pictures, 4) == pytest.approx(bound, abs=5e-4)


def test_bounds_have_two_sides_and_a_confidence():
    assert passing.bound(0, 20, 1, side="upper") == pytest.approx(1 - 0.861, abs=5e-4)
    assert passing.bound(20, 20, 1, side="upper") == 1.0
    assert passing.bound(20, 20, 1, confidence=0.975) == pytest.approx(0.832, abs=5e-4)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30), st.sampled_from(["lower", "upper"]))
def test_a_bound_never_lies_on_the_wrong_side_of_the_value(rights, side):
    pictures = {f"p{number}": ["This is Mira."] * right + ["no"] for number, right in enumerate(rights)}
    records = named(pictures)
    value, bound = metrics.generality_em(records), metrics.generality_em.bound(records, side=side)
    assert bound <= value + 1e-9 if side == "lower" else bound >= value - 1e-9
    low, high = metrics.generality_em.interval(records)
    assert low <= value + 1e-9
    assert high >= value - 1e-9


def test_nothing_measured_has_no_bound_and_no_units():
    assert metrics.generality_em.bound({}) is None
    assert metrics.fluency.bound({}, side="upper") is None
    assert metrics.generality_em.units({}) == 0


def test_units_are_pictures_and_records_are_answers():
    records = named({"p0": ["Mira", "no"], "p1": ["no", "no"], "p2": ["no"]})
    assert metrics.generality_em.count(records) == (3, 5)
    assert metrics.generality_em.units(records) == 3


def test_a_metric_is_the_ratio_of_sums_and_keeps_its_documentation():
    @ratio
    def tokens(values):
        return (Score(str(i), value, weight) for i, (value, weight) in enumerate(values))

    assert tokens([(1.0, 1.0), (1.0, 3.0)]) == 0.5
    assert tokens([]) is None
    assert passing.__doc__ == "What it means."


def test_the_finish_is_applied_to_value_interval_and_bound():
    metric = Metric(lambda count: shares(count, 10), math.exp)
    assert metric(5) == pytest.approx(math.exp(0.5))
    low, high = metric.interval(5)
    assert 1.0 < low < metric.bound(5) < math.exp(0.5) < metric.bound(5, side="upper") < high < math.e


def test_a_rating_from_1_to_5_has_exact_ends_too():
    records = named({f"p{number}": ["no"] for number in range(20)})
    ratings = dict.fromkeys(records, 1)
    assert metrics.g_eval(records, ratings) == 1.0
    assert metrics.g_eval.interval(records, ratings) == pytest.approx((1.0, 1 + 4 * 0.168), abs=5e-3)


def test_what_has_no_limits_has_students_interval_unless_all_units_agree():
    worth = Metric(lambda values: [Score(str(i), value) for i, value in enumerate(values)], limits=None)
    low, high = worth.interval([1.0, 2.0, 3.0])
    half = 4.302653 / math.sqrt(3)
    assert (low, high) == pytest.approx((2 - half, 2 + half), rel=1e-6)
    assert worth.interval([2.0, 2.0]) is None
    assert worth.interval([2.0]) is None
