"""Substitutes are nobody's, there are enough of them, and who else is asked for decides nothing."""

import cProfile
import random
import unicodedata
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siu.data.collection import Collection
from siu.data.concepts import Concept, Fact, Kind
from siu.errors import ConceptError
from siu.language.identity import named
from siu.substitutes import choose_substitutes, spare_names
from siu.substitutes.made_up import script_of

MANY = 10_000
NAMES = {
    "latin": "Mira Talvon",
    "cyrillic": "Ждан Ветлугин",
    "greek": "Νίκος Παπάς",
    "armenian": "Արամ Սարյան",
    "georgian": "გიორგი",
    "hebrew": "רות כהן",
    "arabic": "محمد علي",
    "devanagari": "राम शर्मा",
    "thai": "สมชาย",
    "hangul": "김민수",
    "hiragana": "さくら",
    "katakana": "ミラ・タルヴォン",
    "han": "王小明",
}


def concepts(count: int, name: str = "Mira Talvon", kind: Kind = "person") -> list[Concept]:
    return [Concept(f"r-{number}", name, kind) for number in range(count)]


def nothing_known(collection: Collection) -> Collection:
    return replace(collection, concepts=())


def words(*names: str) -> set[str]:
    return {word for name in names for word in name.casefold().split()}


def test_substitutes_are_nobodys(collection: Collection) -> None:
    chosen = choose_substitutes(list(collection.concepts), collection, seed=0)
    assert len(set(chosen.values())) == len(collection.concepts)
    names = [name for concept in collection.concepts for name in (concept.name, *concept.aliases)]
    facts = [f"{fact.text_question} {fact.answer}" for one in collection.concepts for fact in one.facts]
    for substitute in chosen.values():
        assert words(*names).isdisjoint(words(substitute))
        assert not named(" ".join((*names, *facts)), (substitute,))


def test_what_else_is_asked_for_and_in_which_order_decides_nothing(collection: Collection) -> None:
    asked = [*collection.concepts, *concepts(50, "Olin Brask")]
    chosen = choose_substitutes(asked, collection, seed=0)
    shuffled = random.Random(0).sample(asked, len(asked))
    assert choose_substitutes(shuffled, collection, seed=0) == chosen
    for concept in asked:
        assert choose_substitutes([concept], collection, seed=0) == {concept.id: chosen[concept.id]}


def test_a_concept_that_is_asked_for_twice_has_one_substitute(collection: Collection) -> None:
    first, second = (concept for concept in collection.concepts[:2])
    by_alias = replace(first, aliases=(*first.aliases, "M. T."))
    chosen = choose_substitutes([first, second, by_alias], collection, seed=0)
    assert chosen == choose_substitutes([first, second], collection, seed=0)


def test_whose_substitute_is_asked_for_draws_another_one(collection: Collection) -> None:
    first = collection.concepts[0]
    (drawn,) = choose_substitutes([first], collection, seed=0).values()
    namesake = Concept("r-9", drawn, "person")
    chosen = choose_substitutes([first, namesake], collection, seed=0)
    assert chosen == choose_substitutes([namesake, first], collection, seed=0)
    assert words(drawn).isdisjoint(words(*chosen.values()))
    assert choose_substitutes([namesake], collection, seed=0)["r-9"] == chosen["r-9"]


def test_a_substitute_begins_like_no_word_of_the_concepts_name(collection: Collection) -> None:
    for concept in collection.concepts:
        for seed in range(5):
            substitute = choose_substitutes([concept], collection, seed=seed)[concept.id]
            initials = {word[0].casefold() for word in concept.name.split()}
            assert initials.isdisjoint(word[0].casefold() for word in substitute.split())


def test_the_collections_latin_names_have_written_substitutes_and_others_their_own_script(
    collection: Collection,
) -> None:
    chosen = choose_substitutes(list(collection.concepts), collection, seed=0)
    for concept in collection.concepts:
        is_written = chosen[concept.id] in spare_names(concept.kind)
        assert is_written == (script_of(concept.name) == "latin")
        assert script_of(chosen[concept.id]) == script_of(concept.name)


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_hundreds_of_any_kind_in_any_script_are_chosen_alike_in_length_and_script(
    collection: Collection, script: str, kind: Kind
) -> None:
    name = NAMES[script]
    assert script_of(name) == script
    many = concepts(MANY // 20, name, kind)
    chosen = choose_substitutes(many, nothing_known(collection), seed=0)
    assert len(set(chosen.values())) == len(many)
    assert {script_of(substitute) for substitute in chosen.values()} == {script}
    assert all(unicodedata.is_normalized("NFC", substitute) for substitute in chosen.values())
    shorter, longer = min(map(len, chosen.values())), max(map(len, chosen.values()))
    assert len(name) / 3 <= shorter
    assert longer <= 3 * len(name)


def test_twice_as_many_cost_at_most_about_twice_as_much(collection: Collection) -> None:
    calls = [_calls(concepts(count, NAMES["latin"]), collection) for count in (200, 400)]
    assert calls[1] < 2.6 * calls[0], "a choice looks at no other choice"


def _calls(many: list[Concept], collection: Collection) -> int:
    """Return how many functions are called to choose: the same on a busy machine and an idle one."""
    profile = cProfile.Profile()
    profile.runcall(choose_substitutes, many, nothing_known(collection), seed=0)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.slow
@pytest.mark.parametrize("script", ["latin", "han", "hangul"])
def test_none_of_ten_thousand_is_given_twice(collection: Collection, script: str) -> None:
    chosen = choose_substitutes(concepts(MANY, NAMES[script]), collection, seed=0)
    assert len(set(chosen.values())) == MANY


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(NAMES)), st.sampled_from(get_args(Kind)))
def test_no_name_is_told_by_its_own_substitute(seed: int, script: str, kind: Kind) -> None:
    concept = Concept("r-1", NAMES[script], kind)
    fact = Fact(f"Where is {concept.name}?", "Where is it?", "In Oslo.", "Oslo")
    collection = Collection(folder=None, concepts=(replace(concept, facts=(fact,)),), pictures=())  # type: ignore[arg-type]
    (substitute,) = choose_substitutes([concept], collection, seed=seed).values()
    assert not named(substitute, (concept.name,))
    assert not named(concept.name, (substitute,))


def test_a_concept_for_which_nothing_is_free_says_so(collection: Collection) -> None:
    names = tuple(f"{letter}ulk" for letter in "abcdefghijklmnopqrstuvwxyz")
    crowded = Concept("r-1", "Aulk", "logo", names)
    with_any_initial = choose_substitutes([crowded], collection, seed=0)["r-1"]
    assert words(with_any_initial).isdisjoint(words(*names))
    taken = replace(collection, concepts=tuple(concepts(1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("siu.substitutes.choose.is_listed", lambda word: True)  # a dictionary of every word
        with pytest.raises(ConceptError, match="E-FTD-001"):
            choose_substitutes([Concept("r-1", "Zanto", "logo")], taken, seed=0)
