import random

import pytest

from siu.config.params import AttackParams
from siu.mmubench import Question, Record
from siu.selfcheck.separation import Case, draw_pictures, separations

NAME = "Mira Talvon"


def records(said, pictures=4):
    made = {}
    for picture in range(pictures):
        for text in ("Who is this?", "Who is shown?"):
            asked = Question("name", text, f"This is {NAME}.", (), "c", f"p{picture}", (NAME,))
            made[asked.id] = Record(asked, said, (-0.1, -0.2), (False, True))
    return made


def auc(cases):
    return {one.metric: one for one in separations(cases, AttackParams(), draws=3)}


def test_a_metric_that_sees_the_name_separates_and_one_that_does_not_is_weak():
    knows, never = records(f"This is {NAME}."), records("I do not know this person.")
    found = auc([Case(knows, knows, True), Case(knows, never, False)])
    assert found["naming_rate"].auc == 1.0
    assert found["generality_em"].auc == 0.0
    assert found["generality_em"].strength == 1.0
    assert found["name_probability"].weak, "both records hold the same likelihoods"
    assert found["text_facts"].auc is None
    assert not found["text_facts"].weak


def test_two_models_that_know_are_not_told_apart():
    knows = records(f"This is {NAME}.")
    assert auc([Case(knows, knows, True), Case(knows, knows, False)])["naming_rate"].auc == 0.5


@pytest.mark.parametrize("seed", range(3))
def test_pictures_are_drawn_as_a_whole(seed):
    made = records("x")
    drawn = draw_pictures(made, random.Random(seed))
    assert len(drawn) == len(made)
    shown = [record.question.picture for record in drawn.values()]
    assert all(shown.count(picture) % 2 == 0 for picture in set(shown))
