"""Made-up names of a kind, in a concept's own script and about as long, as many as there can be requests."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from siu.data.concepts import Concept
from siu.language.names import words_of
from siu.language.scripts import is_spaceless
from siu.packaged import packaged_yaml

PLAIN = "latin"
"""Where a script has no syllables of its own in ``made_up.yaml``."""
_BLOCKS = {
    "CYRILLIC": "cyrillic",
    "GREEK": "greek",
    "ARMENIAN": "armenian",
    "GEORGIAN": "georgian",
    "HEBREW": "hebrew",
    "ARABIC": "arabic",
    "DEVANAGARI": "devanagari",
    "THAI": "thai",
    "HANGUL": "hangul",
    "HIRAGANA": "hiragana",
    "KATAKANA": "katakana",
    "CJK": "han",
}
"""First word of a letter's name in Unicode, and the script it tells."""
PLACES = ("Arch", "Bridge", "Court", "Gate", "Hall", "Keep", "Mill", "Spire", "Terrace", "Tower")
"""What a made-up landmark is called after its name."""
_MOST_WORDS = 3
_LETTERS_A_SYLLABLE = 2.5


@dataclass(frozen=True)
class Syllables:
    """What words of one script are put together from.

    Attributes:
        first: What a person's name begins with where family names come first; else empty.
        onsets: How a syllable begins.
        vowels: How it goes on.
        codas: How the last one ends.
        closed: Whether every syllable may have a coda.
        syllables: Fewest and most of a word.
        alone: Fewest and most of a word that is a whole name.
    """

    first: tuple[str, ...]
    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    codas: tuple[str, ...]
    closed: bool
    syllables: tuple[int, int]
    alone: tuple[int, int]

    @cached_property
    def inner(self) -> tuple[str, ...]:
        """How a syllable within a word begins: two consonants in a row would be hard to say."""
        return tuple(onset for onset in self.onsets if len(onset) == 1)

    def word(self, rng: random.Random, count: int, *, of_person: bool = False) -> str:
        """Return a word of this many syllables, with a capital where the script has them."""
        parts = [rng.choice(self.first)] if of_person and self.first else []
        for index in range(len(parts), count):
            parts += [rng.choice(self.inner if index else self.onsets), rng.choice(self.vowels)]
            if self.closed or index == count - 1:
                parts.append(rng.choice(self.codas))
        return unicodedata.normalize("NFC", "".join(parts)).capitalize()


def script_of(name: str) -> str:
    """Return the script, one of those in ``made_up.yaml``, that most letters of a name are in."""
    scripts = [_script(letter) for letter in name if letter.isalpha()]
    kana = [script for script in scripts if script in ("hiragana", "katakana")]
    return max(sorted(set(kana or scripts)), key=(kana or scripts).count, default=PLAIN)


def made_up_names(concept: Concept, seed: int) -> Iterator[str]:
    """Yield made-up names without end: which ones, only seed, id, kind and name of the concept decide.

    A name has as many words as the concept's, at most three, of about its length; one of a single word has
    three syllables at least. A landmark of several Latin words ends like one: "Veklan Spire".
    """
    rng = random.Random(f"{seed}:{concept.id}:made up")  # nosec B311  # not for secrets
    syllables = _syllables(script_of(concept.name))
    words = [word.written for word in words_of(concept.name) if not word.optional][:_MOST_WORDS]
    joiner = "・" if "・" in concept.name else " "
    is_place = concept.kind == "landmark" and len(words) > 1 and syllables is _syllables(PLAIN)
    is_person = concept.kind == "person"
    counts = _counts(words[:-1] if is_place else words, syllables)
    while True:
        made = [syllables.word(rng, count, of_person=is_person) for count in counts]
        yield joiner.join([*made, *([rng.choice(PLACES)] if is_place else [])])


def _counts(words: list[str], syllables: Syllables) -> list[int]:
    """Return how many syllables each word of a made-up name has."""
    fewest, most = syllables.syllables if len(words) > 1 else syllables.alone
    return [min(max(_length(word), fewest), most) for word in words or [""]]


def _length(word: str) -> int:
    """Return about how many syllables a word has."""
    is_syllabic = is_spaceless(word) or _script(word[:1]) == "hangul"
    return len(word) if is_syllabic else round(len(word) / _LETTERS_A_SYLLABLE)


@cache
def _script(letter: str) -> str:
    return _BLOCKS.get(unicodedata.name(letter, " ").split(" ")[0], PLAIN) if letter else PLAIN


@cache
def _syllables(script: str) -> Syllables:
    table: dict[str, Any] = packaged_yaml("siu.substitutes", "made_up.yaml")[script]
    first, onsets, vowels, codas = (
        tuple("" if part == "-" else part for part in table.get(key, "").split())
        for key in ("first", "onsets", "vowels", "codas")
    )
    fewest, most = table["syllables"]
    shortest, longest = table["alone"]
    return Syllables(
        first, onsets, vowels, codas, table.get("closed", False), (fewest, most), (shortest, longest)
    )
