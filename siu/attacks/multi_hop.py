"""Multi-hop questions: facts about the concept asked through its picture (arXiv 2405.12523, section 4)."""

from siu.mmubench.metrics import accuracy
from siu.mmubench.records import Records


def multi_hop_leak(records: Records) -> float | None:
    """Return the share of facts asked through unseen pictures that are answered right; ↓.

    None without records. Where facts share few values, chance alone leaks: compare with strangers.
    """
    return accuracy(records, "picture_fact")
