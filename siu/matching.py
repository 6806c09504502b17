"""Does an answer mention a name, say yes, say no? Whole words, in the words' own script."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_YES = ("yes", "sí", "да")
_NO = ("no", "not", "нет")


def normalise(text: str) -> str:
    """Return the text in NFKC, casefolded, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def mentions(answer: str, keywords: Iterable[str]) -> bool:
    """Return whether any keyword occurs in the answer as whole words.

    "Ann" is not found in "Annabel", nor "yes" in "eyes". Scripts without spaces between words (Chinese,
    Japanese, Thai …) match anywhere. An empty keyword matches nothing.
    """
    text = normalise(answer)
    return any(_pattern(keyword).search(text) is not None for keyword in keywords if keyword.strip())


def says_yes(answer: str) -> bool:
    """Return whether the answer's first word affirms."""
    return _first_word(answer) in _YES


def says_no(answer: str) -> bool:
    """Return whether the answer's first word denies."""
    return _first_word(answer) in _NO


def collapsed(answer: str) -> bool:
    """Return whether an answer is blank, wordless, or says the same few words over and over.

    That is: of at least four words at most a third are different ones.
    """
    words = re.findall(r"\w+", normalise(answer))
    return not words or (len(words) >= 4 and 3 * len(set(words)) <= len(words))


@lru_cache(maxsize=4096)
def _pattern(keyword: str) -> re.Pattern[str]:
    text = normalise(keyword)
    left = r"(?<!\w)" if _has_word_boundary(text[0]) else ""
    right = r"(?!\w)" if _has_word_boundary(text[-1]) else ""
    return re.compile(left + re.escape(text) + right)


def _has_word_boundary(character: str) -> bool:
    name = unicodedata.name(character, "")
    spaceless = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
    return (character.isalnum() or character == "_") and not name.startswith(spaceless)


def _first_word(answer: str) -> str:
    match = re.search(r"\w+", normalise(answer))
    return match.group() if match else ""
