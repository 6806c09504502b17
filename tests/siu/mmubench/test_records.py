from hypothesis import given, settings
from hypothesis import strategies as st

from siu.mmubench import Question, Record, load_records, save_records, select

words = st.text(max_size=12)
log_probs = st.lists(st.floats(-50, 0), max_size=5)


@st.composite
def records(draw):
    count = draw(st.integers(1, 4))
    made = []
    for index in range(count):
        scores = draw(log_probs)
        question = Question(
            "name",
            f"{index} {draw(words)}",
            draw(words),
            tuple(draw(st.lists(words, max_size=2))),
            draw(st.none() | words),
            draw(st.none() | words),
            ("Mira Talvon",),
            draw(st.none() | words),
            draw(st.booleans()),
        )
        made.append(Record(question, draw(words), tuple(scores), (True,) * len(scores), tuple(scores)))
    return {one.question.id: one for one in made}


@given(records())
@settings(deadline=None, max_examples=25)
def test_records_come_back_from_parquet_as_they_were(tmp_path_factory, made):
    path = tmp_path_factory.mktemp("records") / "records.parquet"
    save_records(made, path)
    assert load_records(path) == made


def test_equal_records_give_equal_bytes(tmp_path):
    question = Question("name", "Who is this?", "This is Mira.")
    made = {question.id: Record(question, "x", (-1.0,), (False,))}
    save_records(made, tmp_path / "a.parquet")
    save_records(made, tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_select_keeps_the_order_asked_for():
    questions = [Question("name", str(index), "x") for index in range(3)]
    made = {one.id: Record(one, "x", (), ()) for one in questions}
    assert list(select(made, reversed(questions))) == [one.id for one in reversed(questions)]
