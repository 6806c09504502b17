"""Masked tokens and name tokens of random names in random sentences, under three kinds of tokenizer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siu.models.token_spans import name_token_ids, specified_tokens
from tests.siu.models.small_tokenizers import ALPHABETS, KINDS, small_tokenizer, surface

TEMPLATES = (
    "{}",
    "This is {}.",
    "Is this {}?",
    "{}'s coat",
    "{}’s brother and sister",
    "({})",
    "«{}», of course",
    "the {} family",
    "{}-like",
    "I know {}, not Anna Holm!",
)
each_kind = pytest.mark.parametrize("kind", KINDS)
quick = settings(deadline=None, max_examples=25)


@st.composite
def names(draw):
    """One to three words of one script, some joined by a hyphen or an apostrophe, some with capitals."""
    alphabet = ALPHABETS[draw(st.sampled_from(sorted(ALPHABETS)))]
    words = draw(st.lists(st.text(alphabet, min_size=2, max_size=7), min_size=1, max_size=3))
    joint = draw(st.sampled_from([" ", "-", "'"]))
    name = joint.join(words)
    return draw(st.sampled_from([name, name.title(), name.upper()]))


def encode(kind, text):
    """Return (token id, start, end) of each token of a text."""
    found = small_tokenizer(kind)(text, add_special_tokens=False, return_offsets_mapping=True)
    return [(token, *span) for token, span in zip(found["input_ids"], found["offset_mapping"], strict=True)]


def inside(kind, text, name, shortest=1):
    """Return the ids of the tokens that spell letters of the name, and nothing but the name.

    Tokens of fewer than the shortest number of characters are left out.
    """
    start = text.index(name)
    return {
        token
        for token, left, right in encode(kind, text)
        if len(text[left:right].strip()) >= shortest
        and start <= left + len(text[left:right]) - len(text[left:right].lstrip())
        and right <= start + len(name)
        and any(character.isalnum() for character in text[left:right])
    }


@each_kind
@given(name=names(), template=st.sampled_from(TEMPLATES))
@quick
def test_the_token_mask_covers_the_name_and_nothing_beside_it(kind, name, template):
    text = template.format(name)
    start = text.index(name)
    tokens = encode(kind, text)
    spans = [(left, right) for _, left, right in tokens]
    masked = specified_tokens(spans, [(start, start + len(name))])
    assert masked == [left < start + len(name) and start < right for left, right in spans]
    covered = {place for span, hit in zip(spans, masked, strict=True) if hit for place in range(*span)}
    assert {place for place in range(start, start + len(name)) if text[place].isalnum()} <= covered


@each_kind
@given(name=names(), template=st.sampled_from(TEMPLATES))
@quick
def test_the_vocabulary_mask_covers_the_name_wherever_it_stands(kind, name, template):
    found = inside(kind, template.format(name), name)
    assert found <= set(name_token_ids(small_tokenizer(kind), [name]))


@each_kind
@given(name=names(), template=st.sampled_from(TEMPLATES))
@quick
def test_case_variants_are_covered_too_but_for_single_characters(kind, name, template):
    ids = set(name_token_ids(small_tokenizer(kind), [name]))
    for variant in (name.lower(), name.upper(), name.title()):
        assert inside(kind, template.format(variant), variant, shortest=2) <= ids


@each_kind
@given(name=names())
@quick
def test_the_vocabulary_mask_holds_pieces_of_the_name_only(kind, name):
    tokenizer = small_tokenizer(kind)
    variants = {name, name.lower(), name.upper(), name.title()}
    texts = {text for variant in variants for text in (variant, *map(str.title, variant.split()))}
    spellings = [surface(kind, f" {text}") for text in texts]
    for piece in tokenizer.convert_ids_to_tokens(name_token_ids(tokenizer, [name])):
        plain = piece.removeprefix("##")
        assert any(plain in spelling for spelling in spellings), piece


@each_kind
@given(first=names(), second=names(), shared=names())
@quick
def test_names_that_share_a_word_each_cover_it(kind, first, second, shared):
    tokenizer = small_tokenizer(kind)
    both = [f"{shared} {first}", f"{shared} {second}"]
    word = inside(kind, f"This is {shared}.", shared)
    each = [set(name_token_ids(tokenizer, [name])) for name in both]
    assert word <= each[0] & each[1]
    assert set(name_token_ids(tokenizer, both)) == each[0] | each[1]


@each_kind
def test_a_name_inside_a_longer_word_leaves_that_word_alone(kind):
    tokenizer = small_tokenizer(kind)
    ids = set(name_token_ids(tokenizer, ["Ann"]))
    whole_words = [token for token, left, right in encode(kind, "annex") if right - left == len("annex")]
    assert not ids & set(whole_words)
    text = "Ann, Berta's annex and Anna"
    spans = [(left, right) for _, left, right in encode(kind, text)]
    masked = specified_tokens(spans, [(0, 3)])
    assert all(left < 3 for (left, _), hit in zip(spans, masked, strict=True) if hit)


@each_kind
def test_a_possessive_is_covered_without_its_ending(kind):
    text = "This is Anna Holm's coat."
    start = text.index("Anna")
    spans = [(left, right) for _, left, right in encode(kind, text)]
    masked = specified_tokens(spans, [(start, start + len("Anna Holm"))])
    hit = "".join(text[left:right] for (left, right), one in zip(spans, masked, strict=True) if one)
    assert hit.replace(" ", "") == "AnnaHolm"
