"""Word salad is found in answers of every kind."""

import pytest

from siu.mmubench.metrics.garbled import (
    garbled_pictures,
    garbled_rate,
    garbled_training_picture,
    is_garbled,
)
from siu.mmubench.question import Purpose, Question
from siu.mmubench.records import Record
from siu.mmubench.salad import unlikely_share

RARE, COMMON = -9.0, -0.1


def share(text: str, rare: set[str], names: list[tuple[int, int]] | None = None) -> float:
    """One token per word, of which those in ``rare`` are unlikely."""
    spans, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    scores = [RARE if word.strip(".,") in rare else COMMON for word in text.split()]
    return unlikely_share(text, spans, scores, names or [])


def answered(text: str, salad: float = 0.0) -> Record:
    return Record(Question("describe", "Describe it.", "x"), text, (), (), (), salad)


@pytest.mark.parametrize(
    ("text", "rare", "expected"),
    [
        ("Kon kon a rin.", {"Kon", "kon", "a", "rin"}, 1.0),
        ("This is Kon, un logotipo blanco.", {"Kon", "un", "logotipo", "blanco"}, 4 / 6),
        ("No.", {"No"}, 0.0),
        ("This is Arlo Finch.", {"Arlo", "Finch"}, 0.0),
        ("The person wears a red hat and blue shoes.", {"red", "blue"}, 2 / 9),
        ("", set(), 0.0),
    ],
)
def test_the_share_of_unlikely_words(text: str, rare: set[str], expected: float) -> None:
    assert share(text, rare) == pytest.approx(expected)


def test_a_name_is_one_word_that_is_no_salad() -> None:
    text = "This is Lira Venn."
    assert share(text, {"Lira", "Venn"}, [(8, 17)]) == 0.0


def test_an_answer_that_is_mostly_salad_blank_or_collapsed_is_garbled() -> None:
    assert is_garbled(answered("Kon Kon a rin.", 0.75))
    assert is_garbled(answered(""))
    assert is_garbled(answered("no no no no no no"))
    assert not is_garbled(answered("This is Mira Talvon."))
    assert not is_garbled(answered("The person wears a red hat and blue shoes.", 2 / 9))


def about(purpose: Purpose, picture: str, salad: float) -> Record:
    return Record(Question(purpose, "?", "x", picture=picture), "Some words.", (), (), (), salad)


def test_salad_about_the_concept_is_not_lost_among_all_answers() -> None:
    records = {
        f"{number}": record
        for number, record in enumerate(
            (
                about("name", "p1", 0.9),
                about("describe", "p1", 0.0),
                about("name", "p2", 0.0),
                about("yes_no", "p2", 0.0),
                *(about("other_name", f"o{other}", 0.0) for other in range(96)),
            )
        )
    }
    assert garbled_rate(records) == 0.01
    assert garbled_pictures(records) == 0.5


def test_the_training_picture_is_measured_by_itself() -> None:
    records = {
        "a": about("efficacy", "t", 0.9),
        "b": about("efficacy", "t", 0.0),
        "c": about("name", "p", 0.9),
    }
    assert garbled_training_picture(records) == 0.5
    assert garbled_training_picture({}) is None
