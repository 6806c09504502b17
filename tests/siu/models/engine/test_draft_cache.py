from siu.models.engine.draft_cache import KEPT, Said

TEXT = (7, 8)


def test_the_latest_answer_that_begins_like_this_goes_on():
    said = Said()
    said.keep(TEXT, [1, 2, 3])
    said.keep(TEXT, [1, 2, 4])
    assert said.guess(TEXT, [1, 2], 12) == (4,)
    said.keep(TEXT, [1, 2, 3])
    assert said.guess(TEXT, [1, 2], 12) == (3,)


def test_nothing_is_guessed_of_another_text_or_another_beginning():
    said = Said()
    said.keep(TEXT, [1, 2, 3])
    assert said.guess((7,), [1], 12) == ()
    assert said.guess(TEXT, [2], 12) == ()


def test_a_guess_is_no_longer_than_the_answer_may_be():
    said = Said()
    said.keep(TEXT, [1, 2, 3, 4])
    assert said.guess(TEXT, [1], 3) == (2, 3)


def test_old_answers_make_room_for_new_ones():
    said = Said()
    for first in range(KEPT + 1):
        said.keep(TEXT, [first, 99])
    assert said.guess(TEXT, [0], 12) == ()
    assert said.guess(TEXT, [KEPT], 12) == (99,)
