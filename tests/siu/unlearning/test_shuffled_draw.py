import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from siu.unlearning.shuffled_draw import ShuffledDraw

SAMPLES = st.sets(st.integers(0, 99), min_size=1, max_size=30)
COUNT = st.integers(1, 12)


@given(SAMPLES, COUNT, st.integers(0, 9), st.integers(1, 20))
def test_every_batch_is_full_and_has_no_sample_twice(samples, count, seed, steps):
    draw, rng = ShuffledDraw(samples, count), random.Random(seed)
    for _ in range(steps):
        batch = draw.draw(rng)
        assert len(batch) == min(count, len(samples))
        assert len(set(batch)) == len(batch)
        assert set(batch) <= samples
        assert batch == sorted(batch)


@given(SAMPLES, COUNT, st.integers(0, 9), st.integers(1, 20))
def test_no_sample_comes_twice_more_often_than_another(samples, count, seed, steps):
    draw, rng = ShuffledDraw(samples, count), random.Random(seed)
    drawn = Counter(index for _ in range(steps) for index in draw.draw(rng))
    assert max(drawn.values()) - min(drawn[index] for index in samples) <= 2
    epochs = steps * min(count, len(samples)) // len(samples)
    assert min(drawn[index] for index in samples) >= epochs - 1


def test_an_epoch_that_fits_has_every_sample_once():
    draw, rng = ShuffledDraw(range(12), 4), random.Random(0)
    epochs = [[index for _ in range(3) for index in draw.draw(rng)] for _ in range(3)]
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert epochs[0] != epochs[1]


def test_equal_seeds_draw_equally_and_others_do_not():
    def drawn(seed):
        draw, rng = ShuffledDraw(range(25), 8), random.Random(seed)
        return [draw.draw(rng) for _ in range(6)]

    assert drawn(1) == drawn(1) != drawn(2)
