"""Which recorded answers a release must give again."""

from hypothesis import given
from hypothesis import strategies as st

from siu.mmubench import Question, Record
from tasks.replay import sample

PURPOSES = ("name", "yes_no", "describe")


def record(part: int, number: int, purpose: str) -> Record:
    question = Question(purpose, f"{part} {number}", "expected")  # type: ignore[arg-type]
    return Record(question, "answer", (), ())


parts = st.lists(st.lists(st.sampled_from(PURPOSES), max_size=9), min_size=1, max_size=20).map(
    lambda purposes: [
        [record(part, number, purpose) for number, purpose in enumerate(row)]
        for part, row in enumerate(purposes)
    ]
)


@given(parts, st.integers(min_value=1, max_value=15))
def test_every_part_has_a_question_and_none_is_put_twice(records: list[list[Record]], count: int) -> None:
    chosen = [one.question.text for one in sample(records, count)]
    filled = [part for part in records if part]
    assert len(chosen) == len(set(chosen)) == min(max(count, len(filled)), sum(map(len, filled)))
    assert all(any(one.question.text in chosen for one in part) for part in filled)


@given(parts, st.randoms(use_true_random=False))
def test_the_order_of_the_records_is_nothing_to_it(records: list[list[Record]], random: object) -> None:
    shuffled = [list(part) for part in records]
    for part in shuffled:
        random.shuffle(part)  # type: ignore[attr-defined]
    assert sample(shuffled, 12) == sample(records, 12)


def test_kinds_of_questions_take_turns() -> None:
    part = [
        record(0, number, purpose) for number, purpose in enumerate(["name"] * 9 + ["yes_no", "describe"])
    ]
    assert {one.question.purpose for one in sample([part], 3)} == set(PURPOSES)
