"""Typical spellings of a name, for a person to see what will be found."""

import unicodedata
from collections.abc import Iterator

from siu.language.folding import readings
from siu.language.identity import named
from siu.language.names import latin_words_of, words_of
from siu.language.scripts import is_cased

MOST = 12


def spellings(name: str) -> list[str]:
    """Return up to 12 typical spellings that are found as this name, without the name itself.

    They are examples: `siu.language.named` finds more, such as the same with a middle name.
    """
    written = dict.fromkeys(
        spelling
        for spelling in _spellings(name)
        if spelling.casefold() != name.casefold() and named(spelling, (name,))
    )
    by_sound: dict[str, str] = {}
    for spelling in written:
        by_sound.setdefault(spelling.casefold(), spelling)
    return list(by_sound.values())[:MOST]


def _spellings(name: str) -> Iterator[str]:
    """Yield spellings, the likeliest first."""
    words = [word.written for word in words_of(name)]
    if not words:
        return
    plain = "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))
    yield plain
    for reading in readings(name):
        yield _capital(reading.text, name)
    latin = " ".join(word.written for word in latin_words_of(name))
    yield latin.title()
    apart = " ".join(words)
    yield apart
    if len(words) > 1:
        yield f"{words[-1]}, {' '.join(words[:-1])}"
        yield "".join(words)
        yield "-".join(words)
        if is_cased(words[0]):
            yield f"@{''.join(word.folded for word in words_of(name))}"
        yield f"{words[-1]} {' '.join(words[:-1])}"
    yield name.upper()


def _capital(text: str, name: str) -> str:
    return text.title() if is_cased(name[:1]) and not name.isupper() else text
