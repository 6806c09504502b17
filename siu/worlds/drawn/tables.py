"""The world's tables of words, and the frames that questions are put into."""

from typing import Any

from siu.data.concepts import Split
from siu.packaged import packaged_yaml


def table(file: str) -> dict[str, Any]:
    """Return the content of a YAML file of this package."""
    content: dict[str, Any] = packaged_yaml("siu.worlds.drawn", file)
    return content


def frames(language: str, split: Split) -> tuple[str, ...]:
    """Return the frames of a language; nobody trains on those of the split ``test``."""
    return tuple(table("frames.yaml")[language][split])


def framed(frame: str, forms: list[str]) -> str:
    """Put a question into a frame.

    Args:
        frame: One of `frames`.
        forms: The direct and the indirect question; only one form where a language needs but one.
    """
    direct, indirect = forms[0], forms[-1]
    capital = direct[0].upper() + direct[1:]
    return frame.format(direct=direct, indirect=indirect, core=indirect, Core=capital)
