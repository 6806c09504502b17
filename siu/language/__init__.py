"""Names in text: one matcher for masks, scores, attacks and reports."""

from siu.language.identity import Identity, identity, name_spans, name_words, named, partly_named
from siu.language.spellings import spellings

__all__ = ["Identity", "identity", "name_spans", "name_words", "named", "partly_named", "spellings"]
