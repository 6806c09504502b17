from dataclasses import replace

from siu.config.params import FinetuningDataParams, Params
from siu.finetuning_data import held_out_concepts
from siu.finetuning_data.retention import few_retained, retained_concepts


def params(**options) -> Params:
    return Params(finetuning_data=FinetuningDataParams(**options))


def with_pictures(collection) -> set[str]:
    return {picture.concepts[0] for picture in collection.pictures_of(split="train")}


def test_what_is_held_out_or_asked_for_is_not_retained(collection):
    shown = with_pictures(collection)
    held_out = held_out_concepts(collection.concepts, 0.25, 0)
    free = sorted(shown - held_out)
    assert retained_concepts(collection, params(), frozenset()) == len(free)
    assert retained_concepts(collection, params(), {free[0]}) == len(free) - 1
    assert retained_concepts(collection, params(held_out=0.0), frozenset()) == len(shown)


def test_no_more_are_retained_than_the_parameters_say_and_none_by_text_alone(collection):
    pictures = tuple(picture for picture in collection.pictures if picture.role != "group")
    alone = replace(collection, pictures=pictures)
    assert retained_concepts(alone, params(retained_concepts=2), frozenset()) == 2
    assert retained_concepts(collection, params(retained_pictures=False), frozenset()) == 0


def test_who_is_shown_in_company_is_retained_there(collection):
    few, all_of_them = params(retained_concepts=2), params()
    assert retained_concepts(collection, few, frozenset()) == retained_concepts(
        collection, all_of_them, frozenset()
    )


def test_few_retained_concepts_are_worth_a_word_and_many_are_not():
    assert few_retained(4) is None
    assert few_retained(1).startswith("1 other concept can")
    assert few_retained(0).startswith("0 other concepts can")
    assert "docs/how-to/own-data.md" in few_retained(3)
