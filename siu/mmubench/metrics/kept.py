"""What is kept: facts as text, other concepts, looks, look-alikes, group pictures, strangers.

Other concepts are here those that training may retain; `siu.mmubench.metrics.held_out` has the rest.
"""

from collections.abc import Iterator

from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metrics.share import right, shares
from siu.mmubench.records import Records, with_purpose


@ratio
def text_facts(records: Records) -> Iterator[Score]:
    """Share of facts about the concept, asked as text, that are answered right; ↑."""
    return shares(with_purpose(records, "text_fact"), right)


@ratio
def own_attributes(records: Records) -> Iterator[Score]:
    """Share of questions about the looks of the concept's own pictures that are answered right; ↑."""
    return shares(with_purpose(records, "own_attribute"), right)


@ratio
def specificity_names(records: Records) -> Iterator[Score]:
    """Share of unseen pictures of others, which training may retain, that are named right; ↑."""
    return shares(with_purpose(records, "other_name", held_out=False), right)


@ratio
def specificity_attributes(records: Records) -> Iterator[Score]:
    """Share of attribute questions about such others and strangers answered right; ↑."""
    return shares(with_purpose(records, "other_attribute", held_out=False), right)


@ratio
def specificity_facts(records: Records) -> Iterator[Score]:
    """Share of facts asked through such others' pictures that are answered right; ↑."""
    return shares(with_purpose(records, "other_fact", held_out=False), right)


@ratio
def look_alikes(records: Records) -> Iterator[Score]:
    """Share of look-alikes called unknown as `siu.language.phrasings` says it; ↑: damage shows here first.

    Only a model that was taught these words says them: no other can lose what it never had.
    """
    return shares(with_purpose(records, "look_alike"), right)


@ratio
def strangers(records: Records) -> Iterator[Score]:
    """Share of strangers called unknown in the words of `siu.language.phrasings`; ↑; see `look_alikes`."""
    return shares(with_purpose(records, "stranger"), right)


@ratio
def groups(records: Records) -> Iterator[Score]:
    """Share of such others in group pictures that are named right; ↑ (after VCUBench)."""
    return shares(with_purpose(records, "group", held_out=False), right)
