"""VQA accuracy (Antol et al. 2015; Goyal et al. 2017): right to the extent that people gave the same answer.

min(1, matches / 3), averaged over leaving out each of the ten people, after the rule's own clean-up: lower
case, punctuation, number words, articles, apostrophes. Both sides are always cleaned; versions of the
published script clean less where all people agree.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import product

_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DIGITS = {word: str(number) for number, word in enumerate(_NUMBERS)} | {"zero": "0"}
_ARTICLES = frozenset({"a", "an", "the"})
_CONTRACTIONS = (
    "ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't "
    "haven't he'd he'd've he's how'd how'll how's i'd've i'm i've isn't it'd it'd've it'll ma'am "
    "mightn't mightn't've might've mustn't must've needn't o'clock oughtn't shan't she'd've "
    "should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've "
    "someone'll someone's something'd something'd've something'll that's there'd there'd've there're "
    "there's they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll "
    "what're what's what've when's where'd where's where've who'd who'd've who'll who's who've "
    "why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd "
    "you'd've you'll you're you've"
)


def vqa_accuracy(answer: str, people: Sequence[str]) -> float:
    """Return how well an answer agrees with people's, from 0 to 1.

    Args:
        answer: The model's answer.
        people: The answers of the people asked; at least one.
    """
    prediction = clean(answer)
    cleaned = [clean(reply) for reply in people]
    matches = sum(reply == prediction for reply in cleaned)
    if len(cleaned) == 1:
        return float(matches)
    left_out = [min(1.0, (matches - (reply == prediction)) / 3) for reply in cleaned]
    return sum(left_out) / len(left_out)


def clean(text: str) -> str:
    """Return an answer as the rule compares it."""
    words = _without_punctuation(" ".join(text.split())).lower().split()
    counted = (_DIGITS.get(word, word) for word in words)
    content_words = (word for word in counted if word not in _ARTICLES)
    return " ".join(_apostrophes().get(word, word) for word in content_words)


def _without_punctuation(text: str) -> str:
    """Remove marks that stand at a blank and part words at others; a full stop stays within a number."""
    in_number = re.search(r"\d,\d", text) is not None
    cleaned = text
    for mark in _PUNCTUATION:
        at_blank = f"{mark} " in text or f" {mark}" in text
        cleaned = cleaned.replace(mark, "" if at_blank or in_number else " ")
    return re.sub(r"\.(?!\d)", "", cleaned)


@cache
def _apostrophes() -> dict[str, str]:
    """Return each contraction by every spelling of it that lacks apostrophes."""
    table = {}
    for word in _CONTRACTIONS.split():
        parts = word.split("'")
        for marks in product(("", "'"), repeat=len(parts) - 1):
            spelled = parts[0] + "".join(mark + part for mark, part in zip(marks, parts[1:], strict=True))
            table[spelled] = word
    return table
