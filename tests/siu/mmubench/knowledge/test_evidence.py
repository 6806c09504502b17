"""What records say of a model's knowledge."""

from siu.data.concepts import Concept
from siu.mmubench.knowledge import knowledge_of
from siu.mmubench.question import Purpose, Question
from siu.mmubench.records import Record, Records

MIRA = Concept("c1", "Mira Talvon", "person", ())
DAVI = Concept("c2", "Davi Maresh", "person", ())


def record(
    purpose: Purpose, answer: str, picture: str = "p", concept: str = "c1", likelihood: float = -1.0
) -> Record:
    question = Question(
        purpose, f"{purpose} {picture} {concept}?", "x", (), concept, picture, ("Mira Talvon",)
    )
    return Record(question, answer, (likelihood,), (False,))


def records(*rows: Record) -> Records:
    return {f"{index}": row for index, row in enumerate(rows)}


def test_the_name_ranks_first_where_no_other_is_likelier() -> None:
    asked = records(
        record("name_rank", "", "p", "c1", -1.0),
        record("name_rank", "", "p", "c2", -2.0),
        record("name_rank", "", "q", "c1", -3.0),
        record("name_rank", "", "q", "c2", -2.0),
    )
    knowledge = knowledge_of(asked, MIRA, [DAVI])
    assert knowledge.first_rate == 0.5
    assert knowledge.names_compared == 2


def test_yes_is_counted_for_its_own_and_for_another_name() -> None:
    asked = records(
        record("yes_no", "Yes."),
        record("yes_no", "No.", "q"),
        record("false_yes_no", "No."),
        record("name", "x"),
    )
    knowledge = knowledge_of(asked, MIRA, [DAVI])
    assert (knowledge.yes_rate, knowledge.false_yes_rate) == (0.5, 0.0)


def test_the_commonest_answers_are_kept_with_their_number() -> None:
    asked = records(*(record("name", text, str(index)) for index, text in enumerate(["a", "b", "a"])))
    assert knowledge_of(asked, MIRA, []).answers == (("a", 2), ("b", 1))


def test_a_picture_that_is_given_another_name_twice_is_called_so() -> None:
    wrong = [record("efficacy", "This is Davi Maresh.", str(index)) for index in range(2)]
    assert knowledge_of(records(*wrong), MIRA, [DAVI]).picture_named == "Davi Maresh"
    assert knowledge_of(records(*wrong[:1]), MIRA, [DAVI]).picture_named == ""
    own = record("efficacy", "This is Mira Talvon.", "r")
    assert knowledge_of(records(*wrong, own), MIRA, [DAVI]).picture_named == ""
