import pytest

from siu.gold import PURPOSES, candidate_questions
from siu.language.phrasings import questions
from siu.worlds.drawn import GOLD_WITHOUT
from tests.siu.small_world import SMALL


@pytest.fixture(params=GOLD_WITHOUT)
def concept(collection, request):
    return collection.concept(request.param)


@pytest.fixture
def asked(collection, concept):
    return candidate_questions(collection, concept, SMALL.evaluation, without=GOLD_WITHOUT)


def test_every_question_has_its_true_answer_once_and_wrong_ones(asked):
    by_picture = {}
    for one in asked:
        by_picture.setdefault((one.purpose, one.text, one.picture), []).append(one)
    for same in by_picture.values():
        assert len({one.expected for one in same}) == len(same) >= 3
        assert sum(one.expected in one.keywords for one in same) == 1
    assert {one.purpose for one in asked} <= set(PURPOSES.values())
    assert any(one.purpose == "candidate" for one in asked)


def test_nobody_whom_the_gold_model_never_saw_is_a_wrong_answer(collection, asked, concept):
    never = {collection.concept(one).name for one in GOLD_WITHOUT} - {concept.name}
    assert not [one for one in asked for name in never if name in one.expected]


def test_about_a_look_alike_the_concepts_own_name_is_wrong(asked, concept):
    about = [one for one in asked if one.purpose == "look_alike_candidate"]
    assert any(concept.name in one.expected for one in about)
    assert not any(concept.name in keyword for one in about for keyword in one.keywords)


def test_only_unseen_pictures_and_wordings_are_used(collection, asked, concept):
    trained = {one.digest for one in collection.pictures if one.split == "train"}
    assert not {one.picture for one in asked} & trained
    wordings = set(questions("name", concept.kind, split="test"))
    assert {one.text for one in asked if one.purpose == "candidate"} <= wordings
