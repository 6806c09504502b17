"""Who is named in a text: in any spelling, or by a part of the name that gives it away."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA

from siu.language.common_words import is_common, is_listed
from siu.language.folding import Folded, fold, is_mark, readings
from siu.language.names import SUFFIX, latin_words_of, words_of
from siu.language.patterns import Form, capital_counts, forms_of, initial_forms, word_form
from siu.language.scripts import HANGUL, is_spaceless

_PART_FROM, _SPACELESS_PART_FROM = 3, 2
_FULL_NAME = 3
"""Signs of a Chinese or Korean name that is written as one word: a surname of one, a given name of two."""
_NEAR_FROM, _NEARER_FROM = 5, 8


def named(answer: str, names: Iterable[str]) -> bool:
    """Return whether a text names somebody or something in any spelling.

    Blind to case, accents, strokes, ligatures, transliteration, vowel marks, hamza forms, traditional or
    simplified characters; to whether words are joined, split, hyphenated or in a handle; to whether the
    surname stands first; to middle names, initials and epithets in between. Russian names may stand in any
    case, Korean ones carry particles. Within a longer word nothing is found: "Ann" isn't in "Annual". A
    common word that is a whole name ("May") counts with a capital only, and not in "May I".

    A name without a letter or digit matches nothing.
    """
    texts = readings(answer)
    return any(True for name in names for text in texts for _ in _places(text, name))


def name_spans(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the character ranges of a text where a name stands, in order and apart from one another.

    There are some exactly where `named` is true. Of ranges that overlap the first counts, and of those that
    begin together the longest.
    """
    ranges = {
        folded.span(start, end)
        for folded in readings(text)
        for name in names
        for start, end in _places(folded, name)
    }
    spans: list[tuple[int, int]] = []
    for start, end in sorted(ranges, key=lambda span: (span[0], -span[1])):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


@dataclass(frozen=True)
class Identity:
    """Somebody or something that can be named, and what doesn't count as naming it in part.

    Attributes:
        names: Name and aliases.
        excluded: Words of others' names in folded form: of retained concepts and of the substitute.
    """

    names: tuple[str, ...]
    excluded: frozenset[str] = frozenset()

    @classmethod
    def among(cls, names: Iterable[str], neighbours: Iterable[str]) -> "Identity":
        """Return the identity with those words of others' names that bear on its own parts.

        These are the words that could be nearer to a text than a part is, and all words of a name that
        shares one: with its initial, it could be meant by a shared surname.
        """
        spellings = tuple(names)
        targets = (*_parts(spellings), *_wholes(spellings))
        excluded: set[str] = set()
        for neighbour in neighbours:
            words = name_words(neighbour)
            shares = not words.isdisjoint(targets)
            excluded |= {
                word for word in words if shares or any(_could_be(word, target) for target in targets)
            }
        return cls(spellings, frozenset(excluded))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The distinctive words of its names, folded: not of others, not common, not initials."""
        return tuple(part for part in _parts(self.names) if part not in self.excluded)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """What finds its parts, in any case form."""
        written = dict.fromkeys(word for name in self.names for word in _distinctive(name))
        return tuple(word_form(word) for word in written if fold(word).text in self.parts)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """What a word may nearly be: a part, or a whole name with its words joined."""
        return (*(part for part in self.parts if len(part) >= _NEAR_FROM), *_wholes(self.names))

    @cached_property
    def with_initials(self) -> tuple[Form, ...]:
        """What finds a surname after an initial where no other name has the initial."""
        return tuple(
            form
            for name in self.names
            if not any(word.startswith(fold(name).text[:1]) for word in self.excluded)
            for form in initial_forms(name)
            if _tells(words_of(name)[-1].written)
        )


@lru_cache(maxsize=4096)
def identity(names: tuple[str, ...], excluded: tuple[str, ...] = ()) -> Identity:
    """Return an identity, built once for equal arguments.

    Args:
        names: Name and aliases.
        excluded: Words of others' names, or their whole names.
    """
    return Identity(names, frozenset(word for name in excluded for word in name_words(name)))


def partly_named(answer: str, identity: Identity) -> bool:
    """Return whether a text names an identity in any spelling, or by what gives it away.

    That is a distinctive word of a name ("It's Talvon."); its initial and surname ("M. Talvon"); or a word
    that misses such a word, or the whole name written as one, by few letters: by one from five letters on, by
    two from eight on. Words that others share, that are nearer to another's, or that are common don't count.
    In a text with capitals, words of a dictionary and near misses count with a capital only. Dictionary words
    are no near misses, and scripts without spaces and Korean have none.
    """
    if named(answer, identity.names):
        return True
    texts = readings(answer)
    return any(_has_part(text, identity) or _has_near_miss(text, identity) for text in texts)


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, folded, in its own and in Latin letters, and the whole of them joined."""
    words = (*words_of(name), *latin_words_of(name))
    return frozenset((*(word.folded for word in words), *_wholes((name,))))


def _places(folded: Folded, name: str) -> Iterator[tuple[int, int]]:
    for form in forms_of(name):
        yield from form.matches(folded)


def _wholes(names: Iterable[str]) -> tuple[str, ...]:
    """Return names with all words joined, folded, where they are long enough to be told by a near miss."""
    joined = (fold("".join(word.written for word in words_of(name))).text for name in names)
    return tuple(dict.fromkeys(whole for whole in joined if len(whole) >= _NEARER_FROM))


def _parts(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(word).text for name in names for word in _distinctive(name)))


@lru_cache(maxsize=4096)
def _distinctive(name: str) -> tuple[str, ...]:
    """Return the words of a name, as written, that are long and rare enough to tell who is meant."""
    words = [word.written for word in words_of(name) if not SUFFIX.fullmatch(word.folded)]
    if is_spaceless(name) or re.search(f"[{HANGUL}]", name):  # their Latin words are syllables
        if len(words) == 1 and len(words[0]) == _FULL_NAME and not re.search("[\u3040-\u30ff]", name):
            words = [words[0][1:]]
    else:
        words += [word.written for word in latin_words_of(name)]
    return tuple(word for word in words if _tells(word))


def _tells(word: str) -> bool:
    folded = fold(word).text
    shortest = _SPACELESS_PART_FROM if is_spaceless(word) or re.match(f"[{HANGUL}]", word) else _PART_FROM
    lettered = all(sign.isalpha() or is_mark(sign) for sign in folded)
    return len(word) >= shortest and lettered and not is_common(folded) and not is_common(word.lower())


def _has_part(folded: Folded, identity: Identity) -> bool:
    return any(True for form in identity.with_initials for _ in form.matches(folded)) or any(
        _is_name(folded, start, end) for form in identity.forms for start, end in form.matches(folded)
    )


def _has_near_miss(folded: Folded, identity: Identity) -> bool:
    if not identity.targets:
        return False
    for word, start, end in folded.words:
        nearest = min(_distance(word, target) for target in identity.targets)
        if nearest < _FAR and not is_listed(word) and capital_counts(folded, start, end):
            distances = (OSA.distance(word, excluded) for excluded in identity.excluded)
            if nearest < min(distances, default=_FAR):
                return True
    return False


_FAR = 99


def _distance(word: str, target: str) -> int:
    """Return how many letters a word misses another one by; `_FAR` if it is more than may be."""
    most = _most(target)
    if len(word) < _NEAR_FROM or abs(len(word) - len(target)) > most:
        return _FAR
    distance = int(OSA.distance(word, target, score_cutoff=most))
    return distance if distance <= most else _FAR


def _most(target: str) -> int:
    """Return how many letters a near miss of a word may miss."""
    return 0 if len(target) < _NEAR_FROM else 1 if len(target) < _NEARER_FROM else 2


def _could_be(candidate: str, target: str) -> bool:
    """Return whether a near miss of a target can be as near to another word."""
    return bool(OSA.distance(candidate, target) <= 2 * _most(target))


def _is_name(folded: Folded, start: int, end: int) -> bool:
    """Return whether a word is no common one, and no other word of a dictionary in small letters."""
    word = folded.written(start, end).lower()
    if is_common(word):
        return False
    return not is_listed(word) or capital_counts(folded, start, end)
