"""Which words are too common to tell who is meant, by the word counts that pyspellchecker ships.

Its counts are those of films' subtitles, cleaned of names: English "port" is thirty times as frequent as
"Maria". The counts of the other languages hold names, so only far more frequent words are common there.
Languages without counts have no common words.
"""

from functools import cache, lru_cache

from spellchecker import SpellChecker

_FREQUENT = {"en": 5e-6, "ru": 1e-4, "ar": 1e-4}
"""From which share of all words on a word is common, by language."""
_KNOWN = 1.5e-7
"""From which share of all words on a word counts as one at all: rarer ones are foreign names or misspelt."""
_LISTED = ("en", "es")
"""Languages whose words in Latin letters are told from names by their capital only."""


@lru_cache(maxsize=65536)
def is_common(word: str) -> bool:
    """Return whether a word, in lower case, is so frequent that it can't give a name away."""
    language = _language(word)
    return language in _FREQUENT and _share(language, word) >= _FREQUENT[language]


@lru_cache(maxsize=65536)
def is_listed(word: str) -> bool:
    """Return whether a word, in lower case, is one at all: then only a capital makes it a name."""
    language = _language(word)
    languages = _LISTED if language == "en" else (language,)
    return any(_share(code, word) >= _KNOWN for code in languages if code)


def _language(word: str) -> str:
    """Return the language whose counts a word's script is looked up in; "" if there are none."""
    first = word[:1]
    if "\u0400" <= first <= "\u052f":
        return "ru"
    if "\u0620" <= first <= "\u06ff":
        return "ar"
    return "en" if first.isalpha() and first < "\u0250" else ""


def _share(language: str, word: str) -> float:
    counts = _counts(language)
    return float(counts.word_usage_frequency(word)) if word in counts else 0.0


@cache
def _counts(language: str) -> SpellChecker:
    return SpellChecker(language=language, distance=1)
