"""Does an answer refuse? The parts of sentences that do lie in ``refusals.yaml``."""

from functools import cache, lru_cache

from siu.language.matching import mentions
from siu.packaged import packaged_yaml


@lru_cache(maxsize=16384)
def refuses(answer: str) -> bool:
    """Return whether an answer declines: "I do not know this person", "I can't identify people".

    Found by its wording, so an unusual refusal is missed. A blank answer is none.
    """
    return mentions(answer, _phrases())


@cache
def _phrases() -> tuple[str, ...]:
    by_language: dict[str, list[str]] = packaged_yaml("siu.language", "refusals.yaml")
    return tuple(phrase for phrases in by_language.values() for phrase in phrases)
