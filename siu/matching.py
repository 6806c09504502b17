"""Does an answer mention a name, say yes, say no? Whole words, in the words' own script."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from siu.declension import case_forms

_YES = ("yes", "sí", "да")
_NO = ("no", "not", "нет")
_SAME = str.maketrans("’ʼ‘`´‐‑‒–—", "'''''-----")
"""Apostrophes and hyphens that are written for one another."""

_SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese, Japanese
    "\U00020000-\U0003ffff"
)
"""Scripts that put no spaces between words, as ranges of a regular expression."""
_HANGUL = "\u1100-\u11ff\uac00-\ud7af"


@lru_cache(maxsize=16384)
def normalise(text: str) -> str:
    """Return the text in NFKC, casefolded, with single spaces, plain apostrophes and plain hyphens."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_SAME).split())


def mentions(answer: str, keywords: Iterable[str]) -> bool:
    """Return whether any keyword occurs in the answer as whole words.

    "Ann" is not found in "Annabel", nor "yes" in "eyes"; "Ann's" mentions Ann. Scripts without spaces between
    words (Chinese, Japanese, Thai …) match anywhere and end a word of another script. Korean words may
    carry particles behind them, Cyrillic ones the endings of any case. An empty keyword matches nothing.
    """
    text = normalise(answer)
    return any(
        _pattern(keyword).search(text) is not None
        for keyword in keywords
        if keyword.strip() and all(stem in text for stem in _stems(keyword))
    )


def name_spans(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the character ranges where a name occurs in a text, as whole words; longer names first.

    Words end and are declined as for `mentions`, blind to case, apostrophes and hyphens. Other forms that
    `normalise` makes one, such as wide letters, stay apart: ranges are those of the text as it is.
    """
    pattern = _any_of(tuple(names))
    return [match.span() for match in pattern.finditer(text.translate(_SAME))] if pattern else []


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
    return tuple(word if found is None else found[1] for word, found in forms)


@lru_cache(maxsize=4096)
def _pattern(keyword: str) -> re.Pattern[str]:
    return re.compile(_bounded(normalise(keyword)))


@lru_cache(maxsize=4096)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern for the names as they are written; None if all are blank."""
    written = sorted((name.translate(_SAME).strip() for name in names), key=len, reverse=True)
    found = "|".join(_bounded(name) for name in written if normalise(name))
    return re.compile(found, re.IGNORECASE) if found else None


def _bounded(name: str) -> str:
    """Return a name as a regular expression that doesn't match within a word of its own script."""
    joins = rf"[^\W{_SPACELESS}]|[{_marks()}]"  # a character that continues the word beside it
    left = f"(?<!{joins.replace('|', ')(?<!')})" if _is_bounded(name[0], _SPACELESS) else ""
    right = f"(?!{joins})" if _is_bounded(name[-1], _SPACELESS + _HANGUL) else ""
    return left + r"\s+".join(map(_word, name.split())) + right


def _word(word: str) -> str:
    """Return a word as a regular expression that takes its case forms too, where it has any."""
    forms = case_forms(word.casefold())
    if forms is None:
        return re.escape(word)
    endings, stem = forms
    return f"{re.escape(stem)}(?:{'|'.join(sorted(endings, key=len, reverse=True))})"


def _is_bounded(character: str, unbounded: str) -> bool:
    """Return whether a word that begins or ends with the character ends where another letter follows."""
    return re.fullmatch(rf"[^\W{unbounded}]|[{_marks()}]", character) is not None


@cache
def _marks() -> str:
    """Return, as ranges, the signs that belong to the letter before them: vowels of Hindi, accents."""
    spaceless = re.compile(f"[{_SPACELESS}]")
    ranges: list[str] = []
    for mark in map(chr, range(0x300, 0xFE30)):
        if not unicodedata.category(mark).startswith("M") or spaceless.match(mark):
            continue
        if ranges and ord(ranges[-1][-1]) + 1 == ord(mark):
            ranges[-1] = f"{ranges[-1][0]}-{mark}"
        else:
            ranges.append(mark)
    return "".join(ranges)


def _first_word(answer: str) -> str:
    match = re.search(r"\w+", normalise(answer))
    return match.group() if match else ""
