import random
from collections import Counter
from itertools import combinations

import pytest

from siu.data.intake.names import clean_name
from siu.worlds.drawn.catalogue import concepts, figures, look_alike, stranger
from siu.worlds.drawn.figure import ATTRIBUTES, KINDS, changed, distance
from siu.worlds.drawn.weights import GOLD_WITHOUT


def test_there_are_two_dozen_concepts_of_four_kinds_with_opaque_ids():
    assert [concept.id for concept in concepts()] == [f"c{number:02d}" for number in range(1, 25)]
    assert set(Counter(concept.kind for concept in concepts())) == set(KINDS)


def test_names_are_clean_and_unique_and_some_are_hard():
    names = [concept.name for concept in concepts()]
    assert [clean_name(name) for name in names] == names
    assert len(set(names)) == len(names)
    assert sum(not name.isascii() for name in names) == 2
    first_words = Counter(name.split()[0] for name in names)
    assert first_words["Mira"] == 2


def test_any_two_concepts_of_a_kind_differ_in_three_attributes():
    assert all(distance(one, other) >= 3 for one, other in combinations(figures().values(), 2))


def test_the_gold_model_lacks_one_concept_of_each_kind():
    assert sorted(figures()[key].kind for key in GOLD_WITHOUT) == sorted(KINDS)


@pytest.mark.parametrize("concept_id", [concept.id for concept in concepts()])
def test_look_alikes_differ_in_one_or_two_attributes_and_are_nobody(concept_id):
    rng = random.Random(concept_id)
    for _ in range(50):
        made = look_alike(concept_id, rng)
        assert distance(made, figures()[concept_id]) in (1, 2)
        assert made not in figures().values()


@pytest.mark.parametrize("kind", KINDS)
def test_strangers_are_far_from_everybody(kind):
    rng = random.Random(kind)
    for _ in range(50):
        made = stranger(kind, rng)
        assert min(distance(made, known) for known in figures().values()) >= 3


@pytest.mark.parametrize("count", [1, 2])
def test_a_changed_figure_differs_in_exactly_so_many_attributes(count):
    original = figures()["c21"]
    assert all(distance(changed(original, count, random.Random(i)), original) == count for i in range(50))


def test_every_value_of_every_attribute_occurs_in_the_catalogue_or_can():
    for made in figures().values():
        assert all(value in ATTRIBUTES[made.kind][name] for name, value in made.looks.items())


def test_each_concept_has_its_facts_in_every_wording_and_language():
    for concept in concepts():
        languages = Counter((fact.language, fact.split) for fact in concept.facts)
        assert languages == {
            ("en", "train"): 32,
            ("en", "test"): 8,
            ("es", "train"): 24,
            ("es", "test"): 4,
            ("ru", "train"): 40,
            ("ru", "test"): 4,
        }
        assert all(
            fact.keyword in fact.answer or fact.keyword in fact.answer.lower() for fact in concept.facts
        )
        assert all(concept.name in fact.text_question for fact in concept.facts)
        assert not any(concept.name in fact.picture_question for fact in concept.facts)


def test_the_first_facts_are_of_all_relations():
    first = concepts()[0].facts[:4]
    assert len({fact.keyword for fact in first}) == 4
    assert {fact.language for fact in first} == {"en"}
