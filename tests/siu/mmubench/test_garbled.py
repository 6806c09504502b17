"""Word salad is found in answers of every kind."""

from siu.mmubench.metrics.garbled import is_garbled
from siu.mmubench.question import Question
from siu.mmubench.records import Record


def answered(text: str, *log_probs: float) -> Record:
    return Record(Question("describe", "Describe it.", "x"), text, (), (), log_probs)


def test_an_answer_of_unlikely_tokens_is_garbled() -> None:
    assert is_garbled(answered("Kon Kon a rin.", -12.0, -9.0, -11.0, -10.0, -0.1))


def test_an_unexpected_but_fluent_answer_is_not() -> None:
    assert not is_garbled(answered("This is Lira Venn.", -0.1, -0.2, -7.5, -0.1))
    assert not is_garbled(answered("No.", -14.0, -0.1))


def test_blank_and_collapsed_answers_are_garbled_without_any_measurement() -> None:
    assert is_garbled(answered(""))
    assert is_garbled(answered("no no no no no no"))
    assert not is_garbled(answered("This is Mira Talvon."))
