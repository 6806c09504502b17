import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from siu.unlearning.concept_draw import ConceptDraw

ITEMS = dict(enumerate(["name"] * 20 + ["describe"] * 3 + ["yes_no"] * 9, 10))
shares = st.floats(0.01, 1)


def of_item(item: str) -> set[int]:
    return {index for index, one in ITEMS.items() if one == item}


@given(share=shares, seed=st.integers(0, 99))
def test_a_step_has_a_share_of_every_item_and_one_sample_at_least(share, seed):
    drawn = ConceptDraw(ITEMS, share).draw(random.Random(seed))
    assert drawn == sorted(set(drawn))
    for item, samples in Counter(ITEMS.values()).items():
        assert len(of_item(item).intersection(drawn)) == max(1, round(share * samples))


@given(share=shares, steps=st.integers(1, 60), seed=st.integers(0, 99))
def test_of_an_item_no_sample_comes_twice_before_all_came_once(share, steps, seed):
    draw, rng, turns = ConceptDraw(ITEMS, share), random.Random(seed), Counter(dict.fromkeys(ITEMS, 0))
    for _ in range(steps):
        turns.update(draw.draw(rng))
        for item in ITEMS.values():
            counts = [turns[index] for index in of_item(item)]
            assert max(counts) - min(counts) <= 1


def test_the_whole_share_is_every_sample_at_every_step():
    draw = ConceptDraw(ITEMS, 1.0)
    assert draw.draw(random.Random(0)) == draw.draw(random.Random(1)) == list(ITEMS)


def test_equal_random_numbers_give_equal_draws():
    draws = [ConceptDraw(ITEMS, 0.25) for _ in range(2)]
    rngs = [random.Random(3) for _ in draws]
    for _ in range(9):
        first, second = (draw.draw(rng) for draw, rng in zip(draws, rngs, strict=True))
        assert first == second


def test_without_samples_about_a_concept_nothing_is_drawn():
    assert ConceptDraw({}, 0.5).draw(random.Random(0)) == []


@given(concepts=st.integers(1, 40), share=shares, seed=st.integers(0, 9))
def test_several_concepts_divide_the_share_of_one(concepts, share, seed):
    items = {(concept, index): item for concept in range(concepts) for index, item in ITEMS.items()}
    numbered = dict(enumerate(items.values()))
    drawn = ConceptDraw(numbered, share, concepts).draw(random.Random(seed))
    for item, samples in Counter(ITEMS.values()).items():
        count = sum(numbered[index] == item for index in drawn)
        assert abs(count - share * samples) <= 0.5 + 1e-9 or count == 1


@given(concepts=st.integers(2, 9), steps=st.integers(1, 40), seed=st.integers(0, 9))
def test_all_concepts_have_as_many_samples_trained_on(concepts, steps, seed):
    items = {concept * 100 + index: item for concept in range(concepts) for index, item in ITEMS.items()}
    draw, rng, turns = ConceptDraw(items, 0.5, concepts), random.Random(seed), Counter[int]()
    for _ in range(concepts * steps):
        turns.update(draw.draw(rng))
    for item in ITEMS.values():
        counts = [turns[index] for index, asks in items.items() if asks == item]
        assert max(counts) - min(counts) <= 1
