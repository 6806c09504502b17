"""How much of an answer is word salad: words that the base model finds unlikely where they stand."""

import math
import re
from collections.abc import Sequence

UNLIKELY = math.log(1e-3)
"""A word is unlikely if the base model gives it less than one in a thousand, given those before it."""
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
Span = tuple[int, int]


def unlikely_share(
    text: str, token_spans: Sequence[Span], log_probs: Sequence[float], names: Sequence[Span]
) -> float:
    """Return the share of an answer's words that are unlikely; 0 if fewer than two are.

    One unlikely word is what a changed answer has: "No." for "Yes.". A name is expected to change too, and a
    model may make one up: names count as one likely word, unlikely words in a row with a capital as one.

    Args:
        text: The answer.
        token_spans: Character range of each of its tokens, (start, end).
        log_probs: The base model's log-probability of each token.
        names: Character ranges of the concept's and the substitute's names.
    """
    units: list[bool] = []
    inside_name = False
    for match in _WORD.finditer(text):
        start, end = match.span()
        in_name = any(left < end and start < right for left, right in names)
        score = math.fsum(
            log_prob
            for log_prob, (left, right) in zip(log_probs, token_spans, strict=True)
            if left < end and start < right
        )
        unlikely = not in_name and score < UNLIKELY
        made_up = unlikely and match.group()[0].isupper()
        if not (inside_name and (in_name or made_up)):
            units.append(unlikely)
        inside_name = in_name or made_up
    unlikely_units = sum(units)
    return unlikely_units / len(units) if unlikely_units > 1 else 0.0
