"""Garbled answers: word salad that no language model would say, whatever the question was for.

Fluency is one perplexity over the recognition answers; salad elsewhere, or on the training picture, doesn't
show in it. This definition is ours.
"""

import math
from collections.abc import Iterator

from siu.matching import collapsed
from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metrics.share import shares
from siu.mmubench.records import Record, Records

_UNASKED = frozenset({"name_rank", "candidate", "look_alike_candidate", "group_candidate"})
UNLIKELY = math.log(1e-3)
"""A token is unlikely if the base model gives it less than one in a thousand."""
FEWEST_TOKENS = 4
"""Shorter answers say too little: an unexpected "No." has one unlikely token of two."""


@ratio
def garbled_rate(records: Records) -> Iterator[Score]:
    """Share of all answers, of every purpose, that are garbled; ↓. See `is_garbled`."""
    return shares(
        (record for record in records.values() if record.question.purpose not in _UNASKED), is_garbled
    )


def is_garbled(record: Record) -> bool:
    """Return whether an answer is blank, collapsed, or mostly of tokens that the base model finds unlikely.

    More than half of at least `FEWEST_TOKENS` tokens must be unlikely, each given those before it; a name is
    one unlikely token. An answer without measured tokens (one that the base model gives itself) is garbled
    only if it collapsed.
    """
    if collapsed(record.answer):
        return True
    tokens = record.reference_log_probs
    unlikely = sum(log_prob < UNLIKELY for log_prob in tokens)
    return len(tokens) >= FEWEST_TOKENS and 2 * unlikely > len(tokens)
