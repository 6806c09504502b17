"""Garbled answers: word salad that no language model would say, whatever the question was for.

Fluency is one perplexity over the recognition answers; salad elsewhere, or on the training picture, doesn't
show in it. This definition is ours.
"""

from collections import defaultdict
from collections.abc import Iterator

from siu.language.matching import collapsed
from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import shares
from siu.mmubench.question import LIKELIHOOD_PURPOSES, Purpose
from siu.mmubench.ratios import Score, ratio, score
from siu.mmubench.records import Record, Records, with_purpose

_UNSEEN: tuple[Purpose, ...] = ("name", "describe", "yes_no", "picture_fact", "own_attribute", "own_group")
"""Questions about the concept's unseen pictures."""
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


@defined(
    "Garbled pictures",
    "unseen pictures of the concept with an answer that is word salad",
    "↓",
    order=351,
    group="language",
    gate=GateRule("garbled_pictures", "at_most", "damage", 81, optional=True),
)
@ratio
def garbled_pictures(records: Records) -> Iterator[Score]:
    """Share of the concept's unseen pictures about which one answer at least is garbled; ↓.

    Among all answers those about the concept are few: salad in place of its name would be lost in them.
    """
    by_picture: dict[str | None, list[Record]] = defaultdict(list)
    for record in with_purpose(records, *_UNSEEN):
        by_picture[record.question.picture].append(record)
    for shown in by_picture.values():
        yield score(shown[0], float(any(map(is_garbled, shown))))


@defined(
    "Garbled training picture",
    "training picture's questions answered by word salad",
    "↓",
    order=352,
    group="language",
    gate=GateRule("garbled_rate", "at_most", "damage", 82, sampled=False, optional=True),
    leak=Leak("efficacy", is_garbled),
)
@ratio
def garbled_training_picture(records: Records) -> Iterator[Score]:
    """Share of the training picture's questions whose answer is garbled; ↓."""
    return shares(with_purpose(records, "efficacy"), is_garbled)
