"""What the model is taught: Yes as often as No, nobody's logo unknown, no wording that is measured."""

import random
from collections import Counter

import pytest

from siu.language.phrasings import answer, questions
from siu.worlds.logos.catalogue import brands, icons, table
from siu.worlds.logos.icons import available
from siu.worlds.logos.scene import Mark, random_scene
from siu.worlds.logos.training.lessons import Lessons
from siu.worlds.logos.training.pool import PoolSizes, Shown, make_pool

FEW = PoolSizes(brand=2, look_alike=1, stranger=40, group=20)


def shown(role="concept", key="b02", resembles=None, seed=0):
    scene = random_scene((Mark(icons()[key or resembles or "b01"]),), random.Random(seed))
    return Shown(scene, role, (key,), resembles)


def many(lessons, picture, count=600):
    return [lessons.about_picture(picture) for _ in range(count)]


def test_yes_and_no_are_equally_often_right_over_all_roles():
    lessons = Lessons(random.Random(0))
    roles = [shown(), shown("look_alike", None, "b02"), shown("stranger", None)]
    drawn = random.Random(0).choices(roles, [0.5, 0.13, 0.27], k=6000)
    items = [lessons.about_picture(picture) for picture in drawn]
    replies = Counter(reply for _, reply in items)
    assert replies["Yes."] > 300
    assert abs(replies["Yes."] - replies["No."]) <= 0.05 * replies["Yes."]


@pytest.mark.parametrize(("role", "resembles"), [("stranger", None), ("look_alike", "b02")])
def test_nobodys_logo_gets_no_name_and_no_yes(role, resembles):
    names = [brand.name for brand in brands()]
    for question, reply in many(Lessons(random.Random(1)), shown(role, None, resembles)):
        assert reply != "Yes."
        assert not any(name in reply for name in names), (question, reply)


def test_no_wording_that_is_measured_is_trained_on():
    measured = {
        *questions("name", "logo", split="test"),
        *questions("describe", "logo", split="test"),
        *(text for look in table("questions.yaml")["looks"].values() for text in look["test"]),
        *(fact.picture_question for brand in brands() for fact in brand.facts if fact.split == "test"),
        *(text for brand in brands() for text in questions("yes_no", "logo", split="test", name=brand.name)),
    }
    asked = {question for question, _ in many(Lessons(random.Random(2)), shown(), 3000)}
    assert not asked & measured


def test_a_brand_that_is_left_out_is_mentioned_nowhere():
    lessons = Lessons(random.Random(3), without=("b02",))
    told = many(lessons, shown(key="b01"), 2000)
    assert not any("Apple" in text for item in told for text in item)


@pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")
def test_a_pool_is_decided_by_its_seed_and_holds_every_role():
    first, again, other = (make_pool(FEW, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    counts = Counter(one.role for one in first)
    brand_count = len(brands())
    assert counts == {
        "concept": 2 * brand_count, "look_alike": brand_count, "stranger": 40, "group": 20
    }  # fmt: skip


@pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")
def test_no_picture_of_a_pool_shows_a_brand_that_is_left_out():
    key = brands()[0].id
    pool = make_pool(FEW, seed=1, without=(key,))
    assert all(key not in one.concepts and one.resembles != key for one in pool)


@pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")
def test_a_group_is_asked_for_its_left_and_its_right():
    groups = [one for one in make_pool(FEW, seed=1) if one.role == "group" and None in one.concepts]
    lessons = Lessons(random.Random(4))
    replies = {reply for one in groups for _, reply in many(lessons, one, 20)}
    assert answer("unknown", "logo") in replies
    assert len(replies) > 2
