"""Text without what spellings of one name differ in, and where each of its characters comes from."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from anyascii import anyascii
from opencc import OpenCC

from siu.language.scripts import HANGUL, SPACELESS, is_cased, is_spaceless, is_vowelless, marks

GAPS = " '.-_*·・"
"""What may stand between the words of a name, and may be left out."""
_SAME = {
    **dict.fromkeys("’ʼ‘`´‛ʹ׳", "'"),
    **dict.fromkeys("‐‑‒–—−־", "-"),
    **dict.fromkeys("“”„«»‟״「」『』", '"'),
    **dict.fromkeys("•‧∙⋅", "·"),
    **dict.fromkeys("，、،", ","),
    **{"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ٱ": "ا", "ء": "", "ـ": ""},  # Arabic
}
"""Signs and letters that are written for one another and that Unicode doesn't decompose."""
_DIAERESIS, _RING = "\u0308", "\u030a"
_SECOND = {("a", _DIAERESIS): "e", ("o", _DIAERESIS): "e", ("u", _DIAERESIS): "e", ("a", _RING): "a"}
"""The second letter that a letter with its mark is written with where the mark can't be."""


_COMBINED = re.compile(
    "[\u013f\u0140\u0149\u2474-\u247c\u2488-\u2490\ufc5e-\ufc63\ufdfa\ufdfb\ufe70-\ufe7f\uff66-\uff9f"
    "\U0001f100-\U0001f10a]+"
)
"""Single characters that stand for a letter and a sign, for several words, or in a narrow form."""
_WORDS = re.compile(rf"(?:[^\W\d_{SPACELESS}{HANGUL}]|[{marks()}])+")


@dataclass(frozen=True)
class Folded:
    """A folded text.

    Attributes:
        original: The text as it is.
        text: Its folded form.
        places: Where in the original each folded character comes from; None where nothing was moved.
    """

    original: str
    text: str
    places: tuple[int, ...] | None = None

    @cached_property
    def compact(self) -> str:
        """The folded text without anything that may stand between the words of a name."""
        return self.text.translate(_WITHOUT_GAPS)

    @cached_property
    def words(self) -> tuple[tuple[str, int, int], ...]:
        """The words of scripts with spaces, but Korean, and their ranges in the folded text."""
        return tuple((match.group(), *match.span()) for match in _WORDS.finditer(self.text))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original that a non-empty range of the folded text stands for.

        Marks that belong to its last letter are in it.
        """
        if self.places is None:
            return start, end
        left, right = self.places[start], self.places[end - 1] + 1
        while right < len(self.original) and unicodedata.category(self.original[right]) == "Mn":
            right += 1
        return left, right

    def written(self, start: int, end: int) -> str:
        """Return what stands in the original."""
        left, right = self.span(start, end)
        return self.original[left:right]


@lru_cache(maxsize=16384)
def fold(text: str) -> Folded:
    """Return a text in lower case and compatibility forms, without accents, strokes and vowel marks.

    Ligatures are taken apart; traditional and Japanese characters become simplified ones, katakana becomes
    hiragana, hamza forms become plain letters, and all dashes, apostrophes and quotes are one. Vowel signs of
    scripts that can't be read without them (Devanagari, Thai) stay. Letters keep their script.
    """
    if text.isascii():
        return Folded(text, text.lower().translate(_PLAIN))
    return _folded(text, lambda text, index: _simple(text[index]))


@lru_cache(maxsize=16384)
def readings(text: str) -> tuple[Folded, ...]:
    """Return all foldings of a text that a name is looked for in.

    Besides `fold`: with German and Scandinavian letters as two (ü: ue, å: aa), and with the letters of other
    alphabets in Latin ones. What these would leave as it is, is not repeated.
    """
    plain = fold(text)
    if plain.places is None:
        return (plain,)
    variants = (_folded(text, _expanded), _folded(text, lambda text, index: _latin(text[index])))
    texts = {plain.text: plain}
    for variant in variants:
        texts.setdefault(variant.text, variant)
    return tuple(texts.values())


def resolved(text: str) -> str:
    """Return a text with half-width katakana in full width, and ŀ, ⑴ and their like taken apart."""
    return _COMBINED.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)


def latin(word: str) -> str:
    """Return a word in lower-case Latin letters; signs may stand apart: 张伟 is "zhang wei"."""
    letters = anyascii(unicodedata.normalize("NFC", word))
    apart = "".join(f" {sign}" if sign.isupper() and not is_cased(word) else sign for sign in letters)
    return "".join(sign for sign in apart.lower() if sign.isalnum() or sign == " ").strip()


def _folded(text: str, letter: Callable[[str, int], str]) -> Folded:
    signs: list[str] = []
    places: list[int] = []
    for index in range(len(text)):
        sign = letter(text, index)
        signs.append(sign)
        places.extend([index] * len(sign))
    return Folded(text, "".join(signs), tuple(places))


@cache
def _simple(sign: str) -> str:
    """Return what a character is folded to."""
    if sign in _SAME:
        return _SAME[sign]
    category = unicodedata.category(sign)
    if sign.isspace():
        return " "
    if category.startswith("S") or (category == "No" and not sign.isdigit()):  # ™ and ¼ are no words
        return sign
    if category == "Cf" or _is_dropped(sign):
        return ""
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    sign = resolved(sign)
    if "\u30a1" <= sign <= "\u30f6":
        sign = chr(ord(sign) - 0x60)
    elif is_spaceless(sign):
        sign = _characters("t2s").convert(_characters("jp2t").convert(sign))
    parts = [part for part in unicodedata.normalize("NFKD", sign.casefold()) if not _is_dropped(part)]
    return "".join(_SAME.get(part, _plain_latin(part)) for part in parts)


def _plain_latin(letter: str) -> str:
    if letter.isascii() or not unicodedata.name(letter, "").startswith("LATIN"):
        return letter
    return "".join(sign for sign in anyascii(letter).lower() if sign.isalnum()) or letter


def _is_dropped(sign: str) -> bool:
    """Return whether a sign is a mark that names are written without: accents, points, harakat, nukta."""
    order = unicodedata.combining(sign)
    return order == 7 or 10 <= order <= 35 or order >= 200 or "\ufe00" <= sign <= "\ufe0f"


def _expanded(text: str, index: int) -> str:
    """Return a letter as `_simple` does, with a diaeresis or a ring as a letter of its own."""
    sign = text[index]
    letter, mark = unicodedata.normalize("NFD", sign)[:1].lower(), unicodedata.normalize("NFD", sign)[1:]
    if sign in (_DIAERESIS, _RING):
        return _SECOND.get((text[index - 1 : index].lower(), sign), "")
    if (letter, mark) in _SECOND:
        return letter + _SECOND[letter, mark]
    return "oe" if sign in "øØ" else _simple(sign)


@cache
def _latin(sign: str) -> str:
    folded = _simple(sign)
    if is_spaceless(folded) or _is_dropped(sign) or not (folded.isalpha() or is_mark(sign)):
        return folded
    return folded if folded.isascii() or is_vowelless(sign) else latin(sign)


def is_mark(sign: str) -> bool:
    """Return whether a character belongs to the letter before it: an accent, a vowel sign."""
    return unicodedata.category(sign).startswith("M")


@cache
def _characters(table: str) -> OpenCC:
    return OpenCC(table)


_PLAIN = str.maketrans({**dict.fromkeys("\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f", " "), "`": "'"})
_WITHOUT_GAPS = str.maketrans(dict.fromkeys(GAPS))
