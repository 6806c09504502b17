import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.language.matching import _pattern, collapsed, mentions, normalise, says_no, says_yes


@pytest.mark.parametrize(
    ("answer", "keyword", "found"),
    [
        ("This is Mira Talvon.", "Mira Talvon", True),
        ("this is MIRA   talvon", "Mira Talvon", True),
        ("This is Annabel.", "Ann", False),
        ("She has brown eyes.", "yes", False),
        ("Mira Talvon's coat", "Mira Talvon", True),
        ("Это Зора.", "зора", True),
        ("Это Зоран.", "Зора", False),
        ("これは小雪です", "小雪", True),
        ("这是Mira吗", "Mira", True),
        ("이 사람은 김민수입니다", "김민수", True),
        ("이 사람은 김민수입니다", "민수", False),
        ("राम है", "राम", True),
        ("रामायण", "राम", False),
        ("That is O’Brien’s hat", "O'Brien", True),
        ("Jean‑Luc", "Jean-Luc", True),
        ("Anything", "", False),
        ("", "Mira", False),
    ],
)
def test_keywords_are_found_as_whole_words(answer, keyword, found):
    assert mentions(answer, (keyword,)) is found


@given(st.text(alphabet="abcdé", min_size=1), st.text(alphabet="abcdé", min_size=1))
def test_a_word_never_matches_inside_a_longer_one(word, rest):
    assert not mentions(f"so {word}{rest} it is", (word,)) or word == word + rest


@given(st.text(min_size=1).filter(str.strip))
def test_every_text_mentions_itself(text):
    assert mentions(text, (text,))


def test_only_the_first_word_says_yes_or_no():
    assert says_yes("Yes.")
    assert says_no("No, it is not.")
    assert says_no("Нет.")
    assert not says_no("I have no idea")
    assert not says_yes("eyes")
    assert not says_yes("")


def test_blank_and_repeated_answers_are_collapsed():
    assert collapsed("")
    assert collapsed(" .. ")
    assert collapsed("the the the the")
    assert collapsed("This is This is This is")
    assert collapsed("哈哈哈哈哈哈哈哈哈哈哈哈")
    assert collapsed("aaaaaaaaaaaaaaaaaaaa")
    assert not collapsed("to be or not to be")
    assert not collapsed("no no")
    assert not collapsed("This is Ann.")


LETTERS = "абвяйь -'\u0301aB雪"


@given(st.text(alphabet=LETTERS, max_size=12), st.text(alphabet=LETTERS, min_size=1, max_size=4))
def test_a_keyword_that_is_passed_over_early_is_not_there(text, keyword):
    searched = bool(keyword.strip()) and _pattern(keyword).search(normalise(text)) is not None
    assert mentions(text, (keyword,)) == searched
