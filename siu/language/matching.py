"""Does an answer mention a keyword, say yes, say no? Whole words, in the words' own script."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from siu.language.declension import case_forms
from siu.language.scripts import left_bound, right_bound

_YES = ("yes", "sí", "да")
_NO = ("no", "not", "нет")
_SAME = str.maketrans("’ʼ‘`´‐‑‒–—", "'''''-----")
"""Apostrophes and hyphens that are written for one another."""


@lru_cache(maxsize=16384)
def normalise(text: str) -> str:
    """Return the text in NFKC, casefolded, with single spaces, plain apostrophes and plain hyphens."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_SAME).split())


def mentions(answer: str, keywords: Iterable[str]) -> bool:
    """Return whether any keyword occurs in the answer as whole words.

    "Ann" is not found in "Annabel", nor "yes" in "eyes"; "Ann's" mentions Ann. Scripts without spaces between
    words (Chinese, Japanese, Thai …) match anywhere and end a word of another script. Korean words may
    carry particles after them, Cyrillic ones the endings of any case. An empty keyword matches nothing.
    Names are found in more spellings, by `siu.language.named`.
    """
    text = normalise(answer)
    return any(
        _pattern(keyword).search(text) is not None
        for keyword in keywords
        if keyword.strip() and all(stem in text for stem in _stems(keyword))
    )


def says_yes(answer: str) -> bool:
    """Return whether the answer's first word affirms."""
    return _first_word(answer) in _YES


def says_no(answer: str) -> bool:
    """Return whether the answer's first word denies."""
    return _first_word(answer) in _NO


def collapsed(answer: str) -> bool:
    """Return whether an answer is blank, wordless, or says the same over and over.

    That is: of at least four words at most a third are different ones, or at least twelve letters and digits
    are at most three different ones.
    """
    words = re.findall(r"\w+", normalise(answer))
    characters = "".join(words)
    return (
        not words
        or (len(words) >= 4 and 3 * len(set(words)) <= len(words))
        or (len(characters) >= 12 and len(set(characters)) <= 3)
    )


@lru_cache(maxsize=4096)
def _stems(keyword: str) -> tuple[str, ...]:
    """Return what every form of the keyword holds: a pattern takes long to make, and few answers need it."""
    forms = ((word, case_forms(word)) for word in normalise(keyword).split())
    return tuple(word if inflected is None else inflected[1] for word, inflected in forms)


@lru_cache(maxsize=4096)
def _pattern(keyword: str) -> re.Pattern[str]:
    return re.compile(_bounded(normalise(keyword)))


def _bounded(keyword: str) -> str:
    """Return a keyword as a regular expression that doesn't match within a word of its own script."""
    pattern = r"\s+".join(map(_word, keyword.split()))
    return left_bound(keyword[0]) + pattern + right_bound(keyword[-1])


def _word(word: str) -> str:
    """Return a word as a regular expression that takes its case forms too, where it has any."""
    forms = case_forms(word.casefold())
    if forms is None:
        return re.escape(word)
    endings, stem = forms
    return f"{re.escape(stem)}(?:{'|'.join(sorted(endings, key=len, reverse=True))})"


def _first_word(answer: str) -> str:
    match = re.search(r"\w+", normalise(answer))
    return match.group() if match else ""
