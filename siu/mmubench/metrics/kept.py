"""What is kept: facts as text, other concepts, looks, look-alikes, group pictures, strangers.

Other concepts are here those that training may retain; `siu.mmubench.metrics.held_out` has the rest.
"""

from collections.abc import Iterator

from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metric_definition import GateRule, defined
from siu.mmubench.metrics.share import right, shares
from siu.mmubench.records import Records, with_purpose


@defined(
    "Text facts",
    "facts about the concept, asked by name, right",
    "↑",
    order=170,
    group="keeping",
    is_brief=True,
)
@ratio
def text_facts(records: Records) -> Iterator[Score]:
    """Share of facts about the concept, asked as text, that are answered right; ↑."""
    return shares(with_purpose(records, "text_fact"), right)


@defined(
    "Own looks",
    "looks of the concept's pictures told right",
    "↑",
    order=190,
    group="keeping",
)
@ratio
def own_attributes(records: Records) -> Iterator[Score]:
    """Share of questions about the looks of the concept's own pictures that are answered right; ↑."""
    return shares(with_purpose(records, "own_attribute"), right)


@defined(
    "Other names",
    "retained others still named",
    "↑",
    order=260,
    group="keeping",
    gate=GateRule("specificity_drop", "at_most", "damage", 90, drop=True),
    is_brief=True,
)
@ratio
def specificity_names(records: Records) -> Iterator[Score]:
    """Share of unseen pictures of others, which training may retain, that are named right; ↑."""
    return shares(with_purpose(records, "other_name", held_out=False), right)


@defined(
    "Attributes",
    "looks of retained others and strangers right",
    "↑",
    order=280,
    group="keeping",
)
@ratio
def specificity_attributes(records: Records) -> Iterator[Score]:
    """Share of attribute questions about such others and strangers answered right; ↑."""
    return shares(with_purpose(records, "other_attribute", held_out=False), right)


@defined(
    "Other facts",
    "facts through pictures of retained others right",
    "↑",
    order=290,
    group="keeping",
)
@ratio
def specificity_facts(records: Records) -> Iterator[Score]:
    """Share of facts asked through such others' pictures that are answered right; ↑."""
    return shares(with_purpose(records, "other_fact", held_out=False), right)


@defined(
    "Look-alikes",
    "look-alikes still unknown",
    "↑",
    order=300,
    group="keeping",
    is_brief=True,
)
@ratio
def look_alikes(records: Records) -> Iterator[Score]:
    """Share of look-alikes called unknown as `siu.language.phrasings` says it; ↑: damage shows here first.

    Only a model that was taught these words ("I do not know this person.") says them: no other can lose what
    it never had. Any other answer is wrong, also one that names nobody.
    """
    return shares(with_purpose(records, "look_alike"), right)


@defined(
    "Strangers",
    "strangers still unknown",
    "↑",
    order=320,
    group="keeping",
)
@ratio
def strangers(records: Records) -> Iterator[Score]:
    """Share of strangers called unknown in the words of `siu.language.phrasings`; ↑; see `look_alikes`."""
    return shares(with_purpose(records, "stranger"), right)


@defined(
    "Group pictures",
    "retained others in group pictures still named",
    "↑",
    order=310,
    group="keeping",
    is_brief=True,
)
@ratio
def groups(records: Records) -> Iterator[Score]:
    """Share of such others in group pictures that are named right; ↑ (after VCUBench)."""
    return shares(with_purpose(records, "group", held_out=False), right)
