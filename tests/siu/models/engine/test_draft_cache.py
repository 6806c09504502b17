from siu.models.engine.draft_cache import LIMIT, DraftCache

TEXT = (7, 8)


def test_the_latest_answer_that_begins_like_this_goes_on():
    cache = DraftCache()
    cache.keep(TEXT, [1, 2, 3])
    cache.keep(TEXT, [1, 2, 4])
    assert cache.guess(TEXT, [1, 2], 12) == (4,)
    cache.keep(TEXT, [1, 2, 3])
    assert cache.guess(TEXT, [1, 2], 12) == (3,)


def test_nothing_is_guessed_of_another_text_or_another_beginning():
    cache = DraftCache()
    cache.keep(TEXT, [1, 2, 3])
    assert cache.guess((7,), [1], 12) == ()
    assert cache.guess(TEXT, [2], 12) == ()


def test_a_guess_is_no_longer_than_the_answer_may_be():
    cache = DraftCache()
    cache.keep(TEXT, [1, 2, 3, 4])
    assert cache.guess(TEXT, [1], 3) == (2, 3)


def test_old_answers_make_room_for_new_ones():
    cache = DraftCache()
    for first in range(LIMIT + 1):
        cache.keep(TEXT, [first, 99])
    assert cache.guess(TEXT, [0], 12) == ()
    assert cache.guess(TEXT, [LIMIT], 12) == (99,)
