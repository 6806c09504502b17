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


OWNERS = {index: index % 5 for index in ITEMS}


def test_few_concepts_all_have_a_part_in_every_step_and_the_draws_are_those_of_one():
    with_all, alone = ConceptDraw(ITEMS, 0.25, OWNERS, 5), ConceptDraw(ITEMS, 0.25)
    first, second = random.Random(3), random.Random(3)
    for _ in range(9):
        assert with_all.draw(first) == alone.draw(second)


@given(most=st.integers(1, 4), steps=st.integers(1, 40), seed=st.integers(0, 99))
def test_of_many_concepts_a_step_has_some_and_they_take_turns(most, steps, seed):
    draw, rng, turns = ConceptDraw(ITEMS, 0.25, OWNERS, most), random.Random(seed), Counter(range(5))
    for _ in range(steps):
        chosen = {OWNERS[index] for index in draw.draw(rng)}
        assert len(chosen) == most
        turns.update(chosen)
        assert max(turns.values()) - min(turns.values()) <= 1


def concepts_of(draw: ConceptDraw, rng: random.Random) -> set[int]:
    return {OWNERS[index] for index in draw.draw(rng)}


def test_the_concept_that_is_furthest_from_its_answers_has_twice_as_many_turns():
    draw, rng, turns = ConceptDraw(ITEMS, 0.25, OWNERS, 1), random.Random(0), Counter[int]()
    draw.note({index: float(OWNERS[index] == 3) for index in ITEMS})
    for _ in range(60):
        turns.update(concepts_of(draw, rng))
    assert turns[3] == 20
    assert all(9 <= turns[concept] <= 11 for concept in (0, 1, 2, 4))


@given(most=st.integers(1, 4), hopeless=st.sets(st.integers(0, 4)), seed=st.integers(0, 99))
def test_no_concept_has_more_than_twice_the_turns_of_another(most, hopeless, seed):
    draw, rng, turns = ConceptDraw(ITEMS, 0.25, OWNERS, most), random.Random(seed), Counter[int]()
    draw.note({index: float(OWNERS[index] in hopeless) for index in ITEMS})
    for _ in range(60):
        turns.update(concepts_of(draw, rng))
        assert max(turns.values()) <= 2 * (1 + min(turns[concept] for concept in range(5)))


def test_a_concept_that_was_not_trained_on_yet_has_its_turn_before_any_comes_again():
    draw, rng = ConceptDraw(ITEMS, 0.25, OWNERS, 1), random.Random(0)
    seen: set[int] = set()
    for _ in range(5):
        chosen = concepts_of(draw, rng)
        draw.note({index: 1.0 for index in ITEMS if OWNERS[index] in chosen})
        seen |= chosen
    assert seen == set(range(5))


def test_losses_of_samples_that_are_not_about_a_concept_are_passed_over():
    draw, untold = (ConceptDraw(ITEMS, 0.25, OWNERS, 1) for _ in range(2))
    draw.note({max(ITEMS) + 1: 9.0})
    assert concepts_of(draw, random.Random(0)) == concepts_of(untold, random.Random(0))


def test_where_all_have_a_part_in_every_step_no_loss_is_needed():
    assert not ConceptDraw(ITEMS, 0.25, OWNERS, 5).needs_losses
    assert ConceptDraw(ITEMS, 0.25, OWNERS, 4).needs_losses
