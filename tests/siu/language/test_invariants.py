"""What holds for any name and any text: spans agree with scores, and a respelled name is found."""

import unicodedata
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from siu.language.common_words import is_common
from siu.language.folding import fold, readings
from siu.language.identity import identity, name_spans, named, partly_named
from siu.language.names import words_of
from siu.language.spellings import spellings

GIVEN = ("Mira", "Renée", "Søren", "Jürgen", "İlker", "Anna-Lena", "Ждан", "Γιώργος", "Zoë", "Łukasz", "Æsa")
SURNAMES = ("Talvon", "Dubois", "Øster", "Weiß", "Aydın", "Torvik", "Ветлугин", "Καρράς", "O'Brien", "Núñez")
NAMES = st.builds("{} {}".format, st.sampled_from(GIVEN), st.sampled_from(SURNAMES))
UNCASED = (
    *("张伟", "王小明", "أحمد سالم", "שרה כהן", "मीरा तलवार", "김민수", "สมชาย"),
    *("ミラ・タルヴォン", "ﾊﾞｰﾄ"),
)
ANY_NAME = NAMES | st.sampled_from(UNCASED)
AROUND = st.sampled_from(
    ("{}", "This is {}.", "({})", "“{}”", "It's {}, I think.", "这是 {} 。", "**{}**\n", "Look: {}!")
)


def turned(name):
    given, surname = name.split(" ", 1)
    return f"{surname}, {given}"


RESPELLINGS = {
    "as it is": str,
    "lower": str.lower,
    "upper": str.upper,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "compatibility": lambda name: unicodedata.normalize("NFKD", name),
    "joined": lambda name: name.replace(" ", "").replace("-", ""),
    "hyphenated": lambda name: name.replace(" ", "-"),
    "underscored": lambda name: name.replace(" ", "_"),
    "handle": lambda name: f"@{name.replace(' ', '').lower()}",
    "turned": turned,
    "middle initial": lambda name: name.replace(" ", " K. "),
    "middle name": lambda name: name.replace(" ", " Katharina "),
    "epithet": lambda name: name.replace(" ", " “Spatz” "),
    "plain": lambda name: fold(name).text,
    "possessive": lambda name: f"{name}'s",
}


@given(NAMES, AROUND, st.sampled_from(sorted(RESPELLINGS)), st.sampled_from(sorted(RESPELLINGS)))
@settings(max_examples=300)
def test_a_respelled_name_is_found_and_its_span_is_a_respelling(name, around, first, second):
    respelled = RESPELLINGS[first](name)
    if first in ("as it is", "lower", "upper", "decomposed", "plain") and " " in respelled:
        respelled = RESPELLINGS[second](respelled)
    text = around.format(respelled)
    assert named(text, (name,))
    assert partly_named(text, identity((name,)))
    (start, end), *_ = name_spans(text, (name,))
    assert named(text[start:end], (name,))


@given(ANY_NAME, AROUND)
def test_a_name_is_found_in_the_spellings_that_are_shown(name, around):
    shown = spellings(name)
    assert len(shown) <= 12
    assert len({spelling.casefold() for spelling in shown} | {name.casefold()}) == len(shown) + 1
    assert all(named(around.format(spelling), (name,)) for spelling in shown)


@given(st.text(max_size=30) | ANY_NAME, st.lists(st.text(max_size=12) | ANY_NAME, max_size=3))
@settings(max_examples=300)
def test_a_text_has_spans_exactly_where_it_names(text, names):
    spans = name_spans(text, names)
    assert bool(spans) is named(text, names)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


LETTERS = "aéßüøIiİıĸ-'. ,\"(@_KMя́й́雪張キ김กาमी\u064e\u0308\u200d"


@given(st.text(alphabet=LETTERS, max_size=16), st.text(alphabet=LETTERS, min_size=1, max_size=6))
@settings(max_examples=500)
def test_spans_agree_with_scores_in_mixed_scripts(text, name):
    assert bool(name_spans(text, (name,))) is named(text, (name,))


@settings(max_examples=60)
@given(st.text(max_size=12, alphabet=st.characters(categories=("L", "N", "P", "Zs"))))
def test_a_name_with_a_word_is_found_in_itself(name):
    name = name.replace(",", "")  # a surname may stand before it
    assert named(f"{name} it is", (name,)) or not words_of(name) or _is_plain(name)


def _is_plain(name):
    """Return whether it is a common word, which needs more than to be there."""
    return len(words_of(name)) == 1 and is_common(words_of(name)[0].folded)


@given(st.text(max_size=40))
def test_every_folded_character_comes_from_the_text(text):
    for folded in readings(text):
        assert folded.places is None or len(folded.places) == len(folded.text)
        assert all(0 <= left < right <= len(text) for left, right in map(folded.span, *_each(folded.text)))


def _each(text):
    return range(len(text)), range(1, len(text) + 1)


@given(st.text(alphabet="abcdé", min_size=1), st.text(alphabet="abcdé", min_size=1))
def test_a_name_is_not_found_inside_a_longer_word(name, rest):
    assert not named(f"so {name}{rest} it is", (name,)) or fold(name).text == fold(name + rest).text
