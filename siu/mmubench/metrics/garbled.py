"""Garbled answers: word salad that no language model would say, whatever the question was for.

Fluency is one perplexity over the recognition answers; salad elsewhere, or on the training picture, doesn't
show in it. This definition is ours.
"""

from collections.abc import Iterator

from siu.language.matching import collapsed
from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import shares
from siu.mmubench.question import LIKELIHOOD_PURPOSES
from siu.mmubench.records import Record, Records

SALAD = 1 / 3
"""An answer of which more is unlikely (`siu.mmubench.salad`) is garbled."""


def is_garbled(record: Record) -> bool:
    """Return whether an answer is blank, collapsed, or in more than `SALAD` made of unlikely words."""
    return collapsed(record.answer) or record.salad > SALAD


@defined(
    "Garbled",
    "answers of any kind that are word salad",
    "↓",
    order=350,
    group="language",
    gate=GateRule("garbled_rate", "at_most", "damage", 80, optional=True),
    leak=Leak(None, is_garbled),
    is_brief=True,
)
@ratio
def garbled_rate(records: Records) -> Iterator[Score]:
    """Share of all answers, of every purpose, that are blank, collapsed, or word salad; ↓.

    Salad is in more than a third made of words to which the base model gives less than 1/1000 where they
    stand, at least two such words; a name is a likely word.
    """
    return shares(
        (record for record in records.values() if record.question.purpose not in LIKELIHOOD_PURPOSES),
        is_garbled,
    )
