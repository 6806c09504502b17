"""A name taken apart: its words, what stands between them, and which of them may be left out."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from siu.language.folding import Folded, fold, latin, resolved
from siu.language.scripts import SYLLABLE, is_vowelless, marks

_WORD = re.compile(rf"(?:[^\W_]|[{marks()}{SYLLABLE}&#%+$€£])+")
SUFFIX = re.compile(r"(?:jr|sr|inc|ltd|llc|plc|corp|gmbh)\.?")
"""What a name may end with and tells nobody apart, folded."""
_EPITHET = re.compile(r"\"[^\"]*\"|\([^)]*\)|(?<!\w)'[^']*'(?!\w)")


@dataclass(frozen=True)
class NameWord:
    """One word of a name.

    Attributes:
        written: As it stands in the name.
        before: What stands between the word before it and this one, folded.
        optional: Whether the name is complete without it: an epithet, an initial in the middle, "Jr.".
    """

    written: str
    before: str = " "
    optional: bool = False

    @property
    def spaced(self) -> bool:
        """Whether white space stands before it, so that another name may too."""
        return " " in self.before

    @property
    def folded(self) -> str:
        """The word as `fold` makes it."""
        return fold(self.written).text

    @property
    def initials(self) -> bool:
        """Whether it is one capital, or two or three that stand for names."""
        short = len(self.written) <= 3 and self.written.isalpha()
        return len(self.folded) == 1 or (short and self.written.isupper() and self.written.isascii())


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[NameWord, ...]:
    """Return the words of a name in the order of speech: "Talvon, Mira" is Mira Talvon, "Nike, Inc." itself.

    Words end at spaces, hyphens, underscores, apostrophes, points, and where a capital follows a small
    letter. A name without a letter or digit has none.
    """
    parts = [part.strip(" @#") for part in unicodedata.normalize("NFC", resolved(name)).split(",")]
    is_turned = len(parts) == 2 and all(parts) and not SUFFIX.fullmatch(parts[1].lower())
    spoken = f"{parts[1]} {parts[0]}" if is_turned else ", ".join(parts)
    folded = fold(spoken)
    epithets = [match.span() for match in _EPITHET.finditer(folded.text)]
    words: list[NameWord] = []
    end = 0
    for match in _WORD.finditer(folded.text):
        before = folded.text[end : match.start()] if words else " "
        epithet = any(start < match.start() and match.end() < stop for start, stop in epithets)
        for index, hump in enumerate(_humps(folded, *match.span())):
            words.append(NameWord(hump, "" if index else before, epithet))
        end = match.end()
    if all(word.optional for word in words):
        words = [replace(word, optional=False) for word in words]
    if len(words) > 1 and SUFFIX.fullmatch(words[-1].folded):
        words[-1] = replace(words[-1], optional=True)
    return tuple(_with_middle_initials(words))


@lru_cache(maxsize=4096)
def latin_words_of(name: str) -> tuple[NameWord, ...]:
    """Return the words of a name of another script in Latin letters; none of a Latin name.

    Nor of an Arabic or Hebrew one: the vowels aren't written.
    """
    words = words_of(name)
    if all(word.folded.isascii() for word in words) or is_vowelless(name):
        return ()
    spelled = [
        NameWord(part, "" if index else word.before, word.optional)
        for word in words
        for index, part in enumerate((latin(word.written) or word.folded).split())
    ]
    return tuple(spelled) if all(word.written.isascii() for word in spelled) else ()


def _humps(folded: Folded, start: int, end: int) -> list[str]:
    """Return the parts of a word that begin with a capital after a small letter."""
    written = folded.written(start, end)
    bounds = [
        index for index in range(1, len(written)) if written[index].isupper() and written[index - 1].islower()
    ]
    return [written[left:right] for left, right in zip((0, *bounds), (*bounds, len(written)), strict=True)]


def _with_middle_initials(words: list[NameWord]) -> list[NameWord]:
    """Mark single letters between two longer words: who is meant is clear without them."""
    return [
        replace(word, optional=True)
        if 0 < index < len(words) - 1
        and len(word.folded) == 1
        and len(words[index - 1].folded) > 1
        and len(words[index + 1].folded) > 1
        else word
        for index, word in enumerate(words)
    ]
