"""What a forgotten concept is called instead: it needs no model, so the plan of a batch knows it."""

from siu.substitutes.choose import choose_substitutes, spare_names

__all__ = ["choose_substitutes", "spare_names"]
