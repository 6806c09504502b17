import random
from itertools import product

import pytest

from siu.data.concepts import Concept
from siu.language.phrasings import answer, fabricated_look, languages, look, looks, questions
from siu.substitutes import spare_names
from siu.worlds.drawn import concepts
from siu.worlds.drawn.training.made_up_names import made_up_name

KINDS = ("person", "creature", "landmark", "logo", "other")
PURPOSES = ("name", "describe", "yes_no", "group")
FIELDS = {"name": "Mira", "side": "left"}
EVERY = list(product(PURPOSES, KINDS, ("en", "es", "ru")))


@pytest.mark.parametrize(("purpose", "kind", "language"), EVERY)
def test_every_purpose_has_wordings_to_train_and_others_to_test(purpose, kind, language):
    train, test = (
        questions(purpose, kind, split=split, language=language, **FIELDS) for split in ("train", "test")
    )
    assert train
    assert test
    assert set(train).isdisjoint(test)
    assert len(set(train)) == len(train)
    assert not any("{" in text for text in (*train, *test))


@pytest.mark.parametrize("kind", KINDS)
def test_english_has_enough_wordings_for_unseen_ones_to_be_understood(kind):
    count = {
        (purpose, split): len(questions(purpose, kind, split=split, **FIELDS))
        for purpose in ("name", "yes_no")
        for split in ("train", "test")
    }
    assert count["name", "train"] >= 10
    assert count["name", "test"] >= 4
    assert count["yes_no", "train"] >= 6
    assert count["yes_no", "test"] >= 3


def test_no_wording_is_trained_in_one_place_and_tested_in_another():
    split_texts = {
        split: {
            text
            for purpose, kind, language in EVERY
            for text in questions(purpose, kind, split=split, language=language, **FIELDS)
        }
        for split in ("train", "test")
    }
    for concept in concepts():
        for fact in concept.facts:
            split_texts[fact.split] |= {fact.text_question, fact.picture_question}
    assert split_texts["train"].isdisjoint(split_texts["test"])


def test_a_side_is_said_in_the_language():
    assert questions("group", "person", split="train", side="left")[0] == "Who is on the left?"
    assert "derecha" in questions("group", "person", split="train", side="right", language="es")[0]
    assert "справа" in questions("group", "person", split="train", side="right", language="ru")[0]


def test_a_name_with_braces_is_only_text():
    assert "Is this {side}?" in questions("yes_no", "person", split="train", name="{side}")
    assert answer("named", "logo", name="{x}") == "This is {x}."


def test_answers():
    assert answer("named", "person", name="Mira Talvon") == "This is Mira Talvon."
    assert answer("described", "logo", name="X", look="a logo") == "This is X, a logo."
    assert answer("unknown", "landmark") == "I do not know this place."
    assert [answer("yes", "logo", language=code) for code in languages()] == ["Yes.", "Sí.", "Да."]
    assert [answer("no", "logo", language=code) for code in languages()] == ["No.", "No.", "Нет."]


def test_a_missing_field_or_language_is_named():
    with pytest.raises(ValueError, match="needs the field name"):
        questions("yes_no", "person", split="train")
    with pytest.raises(ValueError, match="needs the field look"):
        answer("described", "person", name="X")
    with pytest.raises(ValueError, match="'de' is not one of en, es, ru"):
        answer("yes", "person", language="de")


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, ("en", "es", "ru"))))
def test_a_fabricated_look_is_made_of_the_worlds_words(kind, language):
    first, again = (fabricated_look(kind, random.Random(4), language=language) for _ in range(2))
    assert first == again
    vocabulary = looks(kind, language=language)
    assert all(any(word in first for word in words.values()) for words in vocabulary["values"].values())


def test_a_look_reads_well():
    assert look("person", {"hair": "red", "coat": "green"}) == "a person with red hair and a green coat"


@pytest.mark.parametrize("kind", KINDS)
def test_spare_names_are_nobodys(kind):
    names = spare_names(kind)
    assert len(names) == len(set(names)) >= (16 if kind == "person" else 8)
    texts = " ".join(_texts(concept) for concept in concepts()).casefold().split()
    words = {word for name in names for word in name.casefold().split()}
    assert words.isdisjoint(text.strip(".,?¿") for text in texts)


def test_spare_names_are_no_wrong_names_of_yes_no_lessons():
    rng = random.Random(0)
    made_up = {made_up_name(kind, rng) for kind in KINDS for _ in range(2000)}
    assert made_up.isdisjoint(name for kind in KINDS for name in spare_names(kind))


def _texts(concept: Concept) -> str:
    facts = " ".join(f"{fact.text_question} {fact.answer}" for fact in concept.facts)
    return " ".join((concept.name, *concept.aliases, facts))
