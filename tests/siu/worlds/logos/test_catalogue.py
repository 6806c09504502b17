"""The catalogue: brands that are known, strangers that are nobody's, and facts that were known before."""

import random

import pytest

from siu.language.matching import mentions
from siu.worlds.logos.catalogue import brands, icons, known_before, look_alike, neighbours, strangers, table
from siu.worlds.logos.icons import _icon, available, icon_title

drawn = pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")


def test_there_are_enough_brands_and_strangers_under_names_of_their_own():
    assert len(brands()) >= 40
    assert len(strangers("test")) >= 40
    assert len({brand.name for brand in brands()}) == len(set(icons().values())) == len(brands())
    assert [brand.id for brand in brands()] == [f"b{number:02d}" for number in range(1, len(brands()) + 1)]


def test_every_fact_was_known_before_in_each_of_its_wordings():
    for brand in brands():
        for fact in brand.facts:
            assert mentions(known_before()[fact.text_question], (fact.keyword,)), fact.text_question
            assert mentions(fact.answer, (fact.keyword,)), fact.answer


def test_every_brand_has_facts_to_train_on_and_to_measure():
    for brand in brands():
        assert {fact.split for fact in brand.facts} == {"train", "test"}, brand.name


def test_a_question_through_the_picture_tells_no_name():
    for brand in brands():
        for fact in brand.facts:
            assert not mentions(fact.picture_question, (brand.name,))
            assert not mentions(fact.text_question.replace(brand.name, ""), (fact.keyword,))


def test_no_wording_is_trained_on_and_measured():
    for look in table("questions.yaml")["looks"].values():
        assert not set(look["train"]) & set(look["test"])
    for relation in table("questions.yaml")["relations"].values():
        texts = [wording["text"] for wording in relation.values()]
        assert len(texts) == len(set(texts))


@drawn
def test_nobodys_icons_are_in_one_place_only():
    near = [icon for brand in brands() for split in ("train", "test") for icon in neighbours(brand.id, split)]
    shown = [
        *icons().values(),
        *strangers("train"),
        *strangers("test"),
        *near,
        *table("catalogue.yaml")["twins"],
    ]
    assert len(shown) == len(set(shown))


@drawn
def test_no_stranger_bears_a_brands_name():
    names = [brand.name.casefold() for brand in brands()]
    titles = [icon_title(icon).casefold() for split in ("train", "test") for icon in strangers(split)]
    assert not [title for title in titles if any(name == title for name in names)]


@drawn
def test_the_notice_is_right_that_no_icon_states_a_licence():
    shown = [*icons().values(), *strangers("test")]
    assert [icon for icon in shown if any(_icon(icon).license)] == []


@drawn
def test_a_look_alike_is_never_the_logo_itself():
    rng = random.Random(0)
    for _ in range(200):
        mark = look_alike("b02", "test", rng)
        assert mark.change != "none" or mark.icon != icons()["b02"]
