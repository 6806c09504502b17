"""The forms in which a name is written, as regular expressions over folded text."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from siu.language.common_words import is_common, is_listed
from siu.language.declension import case_forms
from siu.language.folding import GAPS, Folded, fold
from siu.language.names import NameWord, latin_words_of, words_of
from siu.language.scripts import HANGUL, SPACELESS, is_cased, left_bound, right_bound

_CLASS = f"[{re.escape(GAPS)}]"
_GAP = rf"(?:(?:(?!\.){_CLASS})*|\.(?! ))"
"""Between the words of a name: nothing, or signs that end no sentence."""
_INITIAL_GAP = f"{_CLASS}*"
_SPACE = rf"(?:(?!\.){_CLASS})+"
_MIDDLE = r'(?:"[^"]{1,40}"|\([^()]{1,40}\)|[^\W\d_]+\.?(?:[ -][^\W\d_]+\.?){0,2})'
"""An epithet, or middle names and initials."""
_ABBREVIATIONS = re.compile(
    "(?:bros|capt|co|col|dr|fr|ft|gen|gov|hon|inc|jr|lt|ltd|mme|mrs?|ms|mt|no|prof|rep|rev|sen|sgt|sr|ste?|vs)"
)
"""A point after them ends no sentence."""
_LETTER_PAIRS = {"ä": "a", "å": "a", "ö": "o", "ø": "o", "ü": "u"}
_PREFIXES = {"ARABIC": "[وفبلك]", "HEBREW": "[והבלמשכ]"}
"""And, in, to, from …: written as one word with the name after it."""
_PREFIXED_FROM = 4
_SPLIT_FROM, _SPLIT_PIECE = 6, 3
_CASE_TELLS = re.compile(r"^[\"'(*]*$|[.!?:]['\")*]*\s+['\"(*]*$")
_NOT_A_NAME = re.compile(
    r"\s+(?:i|you|we|he|she|it|they|the|this|that|these|those|there|be|a|an|not|your|my|his|her|its|our)\b"
)

Check = Callable[[Folded, re.Match[str]], bool]


@dataclass(frozen=True)
class Form:
    """One form of a name.

    Attributes:
        pattern: Finds it in a folded text.
        anchors: One of these is in `Folded.compact` wherever the pattern matches: patterns are slow.
        check: Whether a match is the name by its capitals; None if any is.
    """

    pattern: re.Pattern[str]
    anchors: tuple[str, ...]
    check: Check | None = None

    def matches(self, folded: Folded) -> Iterator[tuple[int, int]]:
        """Yield the ranges of the folded text where the form stands."""
        if not any(anchor in folded.compact for anchor in self.anchors):
            return
        match = self.pattern.search(folded.text)
        while match:
            right = self.check is None or self.check(folded, match)
            if right:
                yield match.span()
            match = self.pattern.search(folded.text, match.end() if right else match.start() + 1)


@lru_cache(maxsize=4096)
def forms_of(name: str) -> tuple[Form, ...]:
    """Return all forms of a name: as written, turned round, split, and in Latin letters."""
    forms: list[Form] = []
    for words in filter(None, (words_of(name), latin_words_of(name))):
        forms.append(_straight(words))
        forms.extend(_turned(words))
        forms.extend(_split(words))
    return tuple(forms)


@lru_cache(maxsize=4096)
def word_form(written: str) -> Form:
    """Return a single word of a name as a form, in all its cases; as part of a joined word it isn't found."""
    word = NameWord(written)
    return Form(re.compile(_bounded((word,), _regex(word))), _anchors((word,)))


@lru_cache(maxsize=4096)
def initial_forms(name: str) -> tuple[Form, ...]:
    """Return the forms of a name with its first given name as an initial: "M. Talvon"; none of one word."""
    words = [word for word in words_of(name) if not word.optional]
    if len(words) < 2 or len(words[0].folded) < 2 or not is_cased(words[0].written):
        return ()
    shortened = (NameWord(words[0].written[0].upper()), words[-1])
    return tuple(
        Form(form.pattern, form.anchors, _has_initial) for form in (_straight(shortened), *_turned(shortened))
    )


def capital_counts(folded: Folded, start: int, end: int) -> bool:
    """Return whether what stands there is written with a capital, or in a text without any capital."""
    written = folded.written(start, end)
    return written[:1].isupper() or not is_cased(written) or folded.original == folded.original.lower()


def _straight(words: Sequence[NameWord]) -> Form:
    pattern = ""
    for index, word in enumerate(words):
        regex = _regex(word)
        if index:
            gap = _gap(words[index - 1], word)
            if word.spaced:
                gap = f"(?:{gap}|{_SPACE}(?P<m{index}>{_MIDDLE}){_SPACE})"
            regex = f"(?:{gap}{regex})?" if word.optional else gap + regex
        pattern += regex
    plain = len(words) == 1 and words[0].written[:1].isupper() and is_common(words[0].folded)
    return Form(re.compile(_bounded(words, pattern)), _anchors(words), _is_capital if plain else _has_middle)


def _turned(words: Sequence[NameWord]) -> Iterator[Form]:
    """Yield the surname before the given names, with a comma or without, and the other way round."""
    needed = [word for word in words if not word.optional]
    if len(needed) < 2:
        return
    rotations = ((tuple(words[-1:]), tuple(words[:-1])), (tuple(words[1:]), tuple(words[:1])))
    for first, then in dict.fromkeys(rotations):
        between = rf"(?:\.? ?, ?|{_SPACE})"
        pattern = between.join(_run(part) for part in (first, then))
        yield Form(re.compile(_bounded((*first, *then), pattern)), _anchors(words), _are_capitals)


def _split(words: Sequence[NameWord]) -> Iterator[Form]:
    """Yield a single long word written as two."""
    if len(words) != 1:
        return
    word = words[0].folded
    if len(word) < _SPLIT_FROM or not word.isalpha() or not is_cased(word):
        return
    halves = (
        f"(?P<a{at}>{re.escape(word[:at])})[ _-](?P<b{at}>{re.escape(word[at:])})"
        for at in range(_SPLIT_PIECE, len(word) - _SPLIT_PIECE + 1)
    )
    yield Form(re.compile(_bounded(words, f"(?:{'|'.join(halves)})")), (word,), _are_halves)


def _run(words: Sequence[NameWord]) -> str:
    """Return words in a row as a regular expression."""
    pattern = ""
    for index, word in enumerate(words):
        gap = _gap(words[index - 1], word) if index else ""
        pattern += f"(?:{gap}{_regex(word)})?" if word.optional and index else gap + _regex(word)
    return pattern


def _gap(before: NameWord, word: NameWord) -> str:
    """Return what may stand between two words: what usually does, and what does in the name."""
    usual = _INITIAL_GAP if before.initials or _ABBREVIATIONS.fullmatch(before.folded) else _GAP
    return usual if re.fullmatch(usual, word.before) else f"(?:{re.escape(word.before)}|{usual})"


def _regex(word: NameWord) -> str:
    """Return a word's forms: its cases in Russian, one letter or two for ü, initials apart."""
    forms = case_forms(word.written.casefold())
    if forms is not None:
        endings, stem = forms
        folded = sorted({fold(ending).text for ending in endings}, key=lambda ending: (-len(ending), ending))
        return f"{re.escape(fold(stem).text)}(?:{'|'.join(folded)})"
    if word.folded == "&":
        return "(?:&|and)"
    if word.initials and len(word.written) > 1:
        return f"{_CLASS}*".join(map(re.escape, word.folded))
    return "".join(map(_letter, word.written.lower().replace("\u0307", "")))


def _letter(letter: str) -> str:
    if letter in _LETTER_PAIRS:
        return f"{_LETTER_PAIRS[letter]}{'a' if letter == 'å' else 'e'}?"
    return "(?: ?& ?| and )" if letter == "&" else re.escape(fold(letter).text)


def _bounded(words: Sequence[NameWord], pattern: str) -> str:
    """Return a pattern that doesn't match within a longer word."""
    first, last = words[0].folded, words[-1].folded
    several = sum(not word.optional for word in words) > 1
    left = left_bound(first[0], joined="_")
    script = unicodedata.name(first[0], "").split(" ")[0]
    if script in _PREFIXES and sum(len(word.folded) for word in words) >= _PREFIXED_FROM:
        left += f"(?:{_PREFIXES[script]})?"
    genitive = "s?" if several and last.isascii() and last[-1].isalpha() else ""
    digits = r"\d" if several and not last[-1].isdigit() else ""
    return f"{left}(?:{pattern}){genitive}{right_bound(last[-1], joined='_' + digits)}"


def _anchors(words: Sequence[NameWord]) -> tuple[str, ...]:
    """Return the longest run of letters that every form of the name has."""
    runs: list[str] = []
    for word in words:
        if word.optional or word.folded == "&":
            continue
        forms = case_forms(word.written.casefold())
        written = word.written.lower() if forms is None else forms[1]
        for run in re.split(f"[&{''.join(_LETTER_PAIRS)}]", written):
            runs.append(fold(run).compact)
    return (max(runs, key=len, default=""),)


def _has_middle(folded: Folded, match: re.Match[str]) -> bool:
    """Return whether what stands between the words of a name belongs to it."""
    for group, text in match.groupdict().items():
        if text is None or text[0] in '"(':
            continue
        written = folded.written(*match.span(group))
        parts = [part.strip(".") for part in re.split(r"[\s\-]+", written.strip())]
        if not all(len(part) == 1 or (part[0].isupper() and not is_common(part.lower())) for part in parts):
            return False
    return True


def _has_initial(folded: Folded, match: re.Match[str]) -> bool:
    """Return whether the single letter is an initial: a capital, and nothing else stands between."""
    words = re.findall(r"[^\W_]+", folded.written(*match.span()))
    return len(words) == 2 and all(word[0].isupper() for word in words)


def _is_capital(folded: Folded, match: re.Match[str]) -> bool:
    """Return whether a common word is meant as a name: written with a capital, and not to open a sentence.

    Where it opens one, what follows decides: "May I …" names nobody, "May is …" does.
    """
    if not folded.written(*match.span())[:1].isupper():
        return False
    opens = _CASE_TELLS.search(folded.text[: match.start()]) is not None
    return not (opens and _NOT_A_NAME.match(folded.text, match.end()))


def _are_capitals(folded: Folded, match: re.Match[str]) -> bool:
    """Return whether all words of a name that is turned round are written as names."""
    written = folded.written(*match.span())
    letters = "".join(sign for sign in written if unicodedata.category(sign) != "Mn")
    words = re.findall(rf"(?:[^\W\d_{SPACELESS}{HANGUL}])+", letters)
    if all(word[0].isupper() or not is_cased(word) for word in words):
        return True
    return not any(is_common(word.lower()) for word in words)


def _are_halves(folded: Folded, match: re.Match[str]) -> bool:
    """Return whether two words are a name that is split: not "the odor" for Theodor."""
    text = folded.written(*match.span())
    first, second = re.split(r"[\s_\W]", text, maxsplit=1)
    joined = not any(sign.isspace() for sign in text)
    capitals = first[:1].isupper() and second[:1].isupper()
    return joined or capitals or not (is_listed(first.lower()) and is_listed(second.lower()))
