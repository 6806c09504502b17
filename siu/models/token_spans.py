"""Which tokens stand for what: those of a range of characters, and those that spell a name."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from transformers import PreTrainedTokenizerBase

from siu.errors import ConceptError

Span = tuple[int, int]
_SURROUNDINGS = ("{}", " {}", "({})", "{}'s")
"""Behind a bracket a SentencePiece token has no space mark; before an ending it may be cut elsewhere."""


def specified_tokens(token_spans: Sequence[Span], specified: Sequence[Span]) -> list[bool]:
    """Return for each token whether it overlaps a specified character range of the answer.

    Args:
        token_spans: Character range of each answer token; empty ranges (the end of turn) never overlap.
        specified: Character ranges that contradict the base model's knowledge: the substitute's name, or
            the whole answer.

    Raises:
        ConceptError: There is something to cover and no token covers it: the loss would silently be plain KL.
    """
    covered = [
        span[0] < span[1] and any(_overlap(span, character_range) for character_range in specified)
        for span in token_spans
    ]
    if specified and not any(covered):
        raise ConceptError(
            "E-MSK-001",
            "the token mask should cover part of the answer and covers no token",
            "Check that the name is made of characters the tokenizer knows",
        )
    return covered


def distinctive_tokens(token_spans: Sequence[Span], text: str, names: Sequence[Span]) -> list[bool]:
    """Return for each token whether it spells a name beyond the name's first token.

    Many names begin with the same token. A name of one token is that token, and a text without a name is
    distinctive as a whole.

    Args:
        token_spans: Character range of each token of the text; empty ranges (the end of turn) spell nothing.
        text: What the tokens spell.
        names: Character ranges of the names in it.
    """
    if not names:
        return [True] * len(token_spans)
    distinctive = [False] * len(token_spans)
    for name in names:
        spelling = [
            place
            for place, span in enumerate(token_spans)
            if _overlap(span, name) and text[slice(*span)].strip()
        ]
        for place in spelling[1:] or spelling:
            distinctive[place] = True
    return distinctive


def name_token_ids(tokenizer: PreTrainedTokenizerBase, names: Iterable[str]) -> list[int]:
    """Return the ids of all tokens that spell the names, in case and leading-space variants, sorted.

    Whole names and their words are tokenised at a text's start, behind a space, behind an opening bracket and
    as a possessive, each as written, lower, upper and title case; special tokens, pieces without a letter or
    digit, and pieces that reach beyond the name don't count. Nor do single characters that only another case
    is cut into: a name in capitals falls into letters, and they belong to every other name too.

    Raises:
        ConceptError: A name has no token of its own.
    """
    ids: set[int] = set()
    for name in names:
        name_ids = _name_ids(tokenizer, name)
        if not name_ids:
            raise ConceptError("E-MSK-002", "the name has no token", "Use a name the tokenizer can spell")
        ids |= name_ids
    return sorted(ids)


def _name_ids(tokenizer: PreTrainedTokenizerBase, name: str) -> set[int]:
    special = set(tokenizer.all_special_ids)
    ids: set[int] = set()
    for part in {name, *name.split()}:
        for variant in {part, part.lower(), part.upper(), part.title()}:
            for surroundings in _SURROUNDINGS:
                text, start = surroundings.format(variant), surroundings.index("{")
                ids |= {
                    token_id
                    for token_id, piece, at in _pieces(tokenizer, text)
                    if token_id not in special
                    and start <= at
                    and at + len(piece) <= start + len(variant)
                    and _spells(piece)
                    and (variant == part or len(piece) > 1 or piece == variant)
                }
    return ids


def _pieces(tokenizer: PreTrainedTokenizerBase, text: str) -> Iterator[tuple[int, str, int]]:
    """Yield each token's id, the characters it stands for without leading spaces, and where they begin."""
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    for token_id, (left, right) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True):
        piece = text[left:right].lstrip()
        yield token_id, piece, right - len(piece)


def _overlap(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _spells(piece: str) -> bool:
    return any(unicodedata.category(character)[0] in "LNM" for character in piece)
