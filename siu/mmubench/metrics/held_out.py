"""Specificity on others that no training saw: how far the damage reaches where nothing repairs it.

The paper measures specificity on general benchmarks, which its retained samples have nothing of (arXiv
2405.12523, section 4.1). Measured on the very concepts that T4 trains on, it is flattered.
"""

from collections.abc import Iterator

from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metrics.share import right, shares
from siu.mmubench.records import Records, with_purpose


@ratio
def held_out_names(records: Records) -> Iterator[Score]:
    """Share of held-out concepts' unseen pictures that are named right; ↑."""
    return shares(with_purpose(records, "other_name", held_out=True), right)


@ratio
def held_out_attributes(records: Records) -> Iterator[Score]:
    """Share of attribute questions about held-out concepts' pictures answered right; ↑."""
    return shares(with_purpose(records, "other_attribute", held_out=True), right)


@ratio
def held_out_facts(records: Records) -> Iterator[Score]:
    """Share of facts asked through held-out concepts' pictures that are answered right; ↑."""
    return shares(with_purpose(records, "other_fact", held_out=True), right)


@ratio
def held_out_groups(records: Records) -> Iterator[Score]:
    """Share of held-out concepts in group pictures that are named right; ↑."""
    return shares(with_purpose(records, "group", held_out=True), right)
