"""Multi-hop: facts about the concept that are asked through its picture (arXiv 2405.12523, section 4)."""

from collections.abc import Iterator

from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metrics.share import right, shares
from siu.mmubench.records import Records, with_purpose


@ratio
def picture_facts(records: Records) -> Iterator[Score]:
    """Share of facts asked through unseen pictures that are answered right; ↓.

    Where facts share few values, chance alone answers some: compare with strangers.
    """
    return shares(with_purpose(records, "picture_fact"), right)
