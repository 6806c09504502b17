"""The case forms of Russian names: "Зора" is still named where an answer says "я вижу Зору"."""

import re

_CYRILLIC = re.compile(r"[а-яё]+(?:-[а-яё]+)*")
_SHORTEST = 3
_HARD = ("", "а", "у", "ом", "ым", "е")
_SOFT = ("ь", "я", "ю", "ем", "ём", "е", "и", "ью")
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ая", ("ая", "ой", "ую", "ою")),
    ("яя", ("яя", "ей", "юю", "ею")),
    ("ый", ("ый", "ого", "ому", "ым", "ом")),
    ("ий", ("ий", "ого", "ому", "его", "ему", "им", "ом", "ем", "ия", "ию", "ии")),
    ("ой", ("ой", "ого", "ому", "ым", "ом", "оя", "ою", "оем", "ое")),
    ("ия", ("ия", "ии", "ию", "ией")),
    ("а", ("а", "ы", "и", "у", "е", "ой", "ою", "ей")),
    ("я", ("я", "и", "ю", "е", "ей", "ею", "ёй")),
    ("й", ("й", "я", "ю", "ем", "ём", "е")),
    ("ь", _SOFT),
)
"""How a word ends in the nominative, and its endings in the singular; the first that fits counts."""
_UNDECLINED = tuple("оеёиуыэю")


def case_forms(word: str) -> tuple[tuple[str, ...], str] | None:
    """Return a Cyrillic word's possible endings and the stem before them; None if it has no other forms.

    By the word's end alone, without a dictionary: some of the forms don't exist, which harms nothing, and
    forms with a vowel that comes or goes (Лев, Льва) are not found.

    Args:
        word: In lower case.
    """
    if len(word) < _SHORTEST or not _CYRILLIC.fullmatch(word) or word.endswith(_UNDECLINED):
        return None
    for ending, endings in _ENDINGS:
        if word.endswith(ending):
            return endings, word.removesuffix(ending)
    return _HARD, word
