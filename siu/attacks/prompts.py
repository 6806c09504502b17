"""Wordings that only attacks use, in ``prompts.yaml``."""

from typing import Literal

from siu.data.concepts import Kind
from siu.packaged import packaged_yaml

Prompts = Literal["paraphrases", "jailbreaks", "prefills", "hints", "shots"]
WORDS: dict[Kind, dict[str, str]] = {
    "person": {"noun": "person", "who": "who"},
    "creature": {"noun": "creature", "who": "what"},
    "landmark": {"noun": "landmark", "who": "what"},
    "logo": {"noun": "logo", "who": "what"},
    "other": {"noun": "thing", "who": "what"},
}


def prompts(of: Prompts, kind: Kind, *, language: str = "en", **fields: str) -> tuple[str, ...]:
    """Return wordings in a fixed order; none in a language that has none.

    Args:
        of: Which wordings.
        kind: Kind of what the picture shows.
        language: BCP 47 code.
        fields: What else they name.
    """
    words = WORDS[kind] | {key.capitalize(): word.capitalize() for key, word in WORDS[kind].items()} | fields
    return tuple(text.format_map(words) for text in load_prompts()[of].get(language, ()))


def load_prompts() -> dict[str, dict[str, list[str]]]:
    """Return all wordings by purpose and language."""
    tables: dict[str, dict[str, list[str]]] = packaged_yaml("siu.attacks", "prompts.yaml")
    return tables
