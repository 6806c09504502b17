"""Names of nobody: made of syllables, so that the model learns to copy and to deny any name."""

import random

from siu.data.concepts import Kind

_STARTS = (
    "Ba",
    "Dro",
    "Fel",
    "Gi",
    "Hos",
    "Jar",
    "Ku",
    "Lim",
    "Mo",
    "Nar",
    "Pe",
    "Ras",
    "Sto",
    "Tri",
    "Vo",
    "Zel",
)
_MIDDLES = ("bel", "dan", "fo", "gri", "ka", "lin", "mar", "no", "ren", "sti", "tu", "vi")
_ENDS = ("a", "as", "ek", "en", "ia", "ick", "o", "or", "us", "y")


def made_up_name(kind: Kind, rng: random.Random) -> str:
    """Return a name; people and places have two words."""
    words = 2 if kind in ("person", "landmark") else 1
    return " ".join(_word(rng) for _ in range(words))


def _word(rng: random.Random) -> str:
    middle = rng.choice(_MIDDLES) if rng.random() < 0.7 else ""
    return rng.choice(_STARTS) + middle + rng.choice(_ENDS)
