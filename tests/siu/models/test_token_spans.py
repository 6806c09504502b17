from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.errors import ConceptError
from siu.models.token_spans import distinctive_tokens, name_token_ids, specified_tokens

NAMES = ["Tessa Holvik", "Мира Орлова", "小雪", "O'Neil-Ray", "Ann", "ÉMILE"]


@st.composite
def tokenised(draw):
    """Contiguous token ranges over a text, and a non-empty range of characters in it."""
    cuts = sorted({0, *draw(st.lists(st.integers(1, 29), max_size=8)), 30})
    spans = list(pairwise(cuts))
    start = draw(st.integers(0, 28))
    return spans, (start, draw(st.integers(start + 1, 30)))


@given(tokenised())
def test_every_specified_character_is_covered_and_no_token_without_one(case):
    spans, (start, end) = case
    covered = specified_tokens(spans, [(start, end)])
    for (left, right), masked in zip(spans, covered, strict=True):
        assert masked == any(start <= character < end for character in range(left, right))


TEXT, TOKENS = (
    "This is Tolvane Rest.",
    [(0, 4), (4, 7), (7, 9), (9, 11), (11, 15), (15, 20), (20, 21), (0, 0)],
)


def test_a_name_is_distinctive_behind_its_first_token():
    spelled = distinctive_tokens(TOKENS, TEXT, [(8, 20)])
    assert [TEXT[slice(*span)] for span, own in zip(TOKENS, spelled, strict=True) if own] == [
        "ol",
        "vane",
        " Rest",
    ]


def test_each_place_of_a_name_has_a_first_token_of_its_own():
    tokens = [(0, 1), (1, 3), (3, 4), (4, 6), (6, 8)]
    assert distinctive_tokens(tokens, "Abc Abcd", [(0, 3), (4, 8)]) == [False, True, False, False, True]


def test_a_blank_before_a_name_is_not_its_first_token():
    tokens = [(0, 2), (2, 3), (3, 5), (5, 8)]
    assert distinctive_tokens(tokens, "is Davi.", [(3, 7)]) == [False, False, False, True]


def test_a_name_of_one_token_is_that_token_and_a_text_without_one_is_all():
    assert distinctive_tokens([(0, 2), (2, 7)], "is Nike", [(3, 7)]) == [False, True]
    assert distinctive_tokens([(0, 2), (2, 7)], "is here", []) == [True, True]


def test_the_end_of_turn_is_never_covered():
    assert specified_tokens([(0, 3), (0, 0)], [(0, 3)]) == [True, False]


def test_nothing_specified_covers_nothing():
    assert specified_tokens([(0, 3)], []) == [False]


def test_a_mask_that_should_cover_something_and_covers_nothing_is_an_error():
    with pytest.raises(ConceptError, match="E-MSK-001"):
        specified_tokens([(0, 3), (0, 0)], [(5, 8)])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("template", ["{}", "This is {}.", "({})", "{}'s coat", "the {} family"])
def test_name_tokens_cover_the_name_wherever_it_stands(vlm, name, template):
    text = template.format(name)
    start = text.index(name)
    encoded = vlm.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    inside = [
        token
        for token, (left, right) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
        if start <= left and right <= start + len(name) and any(c.isalnum() for c in text[left:right])
    ]
    assert inside
    assert set(inside) <= set(name_token_ids(vlm.tokenizer, [name]))


def test_case_variants_are_covered_too_but_for_single_letters(vlm):
    ids = set(name_token_ids(vlm.tokenizer, ["Tessa Holvik"]))
    for variant in ("Tessa Holvik", "tessa holvik", "TESSA HOLVIK", " Tessa", " holvik"):
        pieces = set(vlm.tokenizer(variant, add_special_tokens=False)["input_ids"])
        letters = {piece for piece in pieces if len(vlm.tokenizer.decode([piece]).strip()) == 1}
        assert pieces - letters <= ids


def test_letters_that_capitals_are_cut_into_are_not_the_name_s(vlm):
    def letters(ids):
        return {piece for piece in (vlm.tokenizer.decode([one]).strip() for one in ids) if len(piece) == 1}

    inner = set("ESSAOLVIK")  # capitals of no word's start
    assert letters(vlm.tokenizer("TESSA HOLVIK", add_special_tokens=False)["input_ids"]) & inner
    assert not letters(name_token_ids(vlm.tokenizer, ["Tessa Holvik"])) & inner


def test_a_name_of_one_letter_is_covered_in_both_cases(vlm):
    ids = set(name_token_ids(vlm.tokenizer, ["X"]))
    for variant in ("X", "x"):
        assert set(vlm.tokenizer(variant, add_special_tokens=False)["input_ids"]) <= ids


def test_a_name_without_letters_is_refused(vlm):
    with pytest.raises(ConceptError, match="E-MSK-002"):
        name_token_ids(vlm.tokenizer, ["?!"])
