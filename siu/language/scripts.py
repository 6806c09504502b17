"""Where words of a script end: ranges of regular expressions."""

import re
import unicodedata
from functools import cache

SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese, Japanese
    "\U00020000-\U0003ffff"
)
"""Scripts that put no spaces between words."""
HANGUL = "\u1100-\u11ff\uac00-\ud7af"
_UNBOUNDED = re.compile(f"[{SPACELESS}{HANGUL}]")
SYLLABLE = "\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u1160-\u11ff\u3099\u309a"
"""What goes on with a syllable of Thai, or of decomposed Korean and kana."""


@cache
def marks() -> str:
    """Return, as ranges, the signs that belong to the letter before them: vowels of Hindi, accents.

    Letters between two of them are in the ranges too: they go on with a word just as well, and few ranges
    make quick patterns.
    """
    ranges: list[tuple[str, str]] = []
    apart = True
    for sign in map(chr, range(0x300, 0xFE30)):
        category = unicodedata.category(sign)
        if _UNBOUNDED.match(sign) or not (category[0] in "LM" or category in ("Nd", "Cn")):
            apart = True
        elif category[0] == "M":
            ranges[-1:] = [*ranges[-1:], (sign, sign)] if apart else [(ranges[-1][0], sign)]
            apart = False
    return "".join(f"{first}-{last}" for first, last in ranges)


def left_bound(first: str, *, joined: str = "") -> str:
    """Return a look-behind: a word that begins with this character doesn't begin here within another one.

    Args:
        first: The word's first character.
        joined: Letters, digits or underscores that end a word all the same.
    """
    letters = rf"[^\W{SPACELESS}{joined}]"
    return f"(?<!{letters})(?<![{marks()}])" if _is_bounded(first, SPACELESS) else ""


def right_bound(last: str, *, joined: str = "") -> str:
    """Return a look-ahead: a word that ends with this character doesn't go on here.

    Words may carry Korean particles after them, and scripts without spaces put any letter there.
    """
    if _is_bounded(last, SPACELESS + HANGUL):
        return rf"(?![^\W{SPACELESS}{HANGUL}{joined}])(?![{marks()}])"
    return f"(?![{SYLLABLE}])" if _UNBOUNDED.match(last) else ""


def is_spaceless(word: str) -> bool:
    """Return whether a word holds a character of a script without spaces between words."""
    return re.search(f"[{SPACELESS}]", word) is not None


def is_vowelless(word: str) -> bool:
    """Return whether a word holds a letter of a script that is written without its vowels."""
    return re.search("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]", word) is not None


def is_cased(word: str) -> bool:
    """Return whether the word's script has capitals."""
    return word.lower() != word.upper()


def _is_bounded(character: str, unbounded: str) -> bool:
    """Return whether a word that begins or ends with the character ends where another letter follows."""
    return re.fullmatch(rf"[^\W{unbounded}]|[{marks()}]", character) is not None
