"""Specificity on others that no training saw: how far the damage reaches where nothing repairs it.

The paper measures specificity on general benchmarks, which its retained samples have nothing of (arXiv
2405.12523, section 4.1). Measured on the very concepts that T4 trains on, it is flattered.
"""

from siu.mmubench.metric_definition import GateRule, defined
from siu.mmubench.metrics.share import right, share_of

held_out_names = share_of(
    "held_out_names",
    "other_name",
    right,
    "Share of unseen pictures of others that no training saw which are named right; ↑. The damage "
    "where nothing repairs it ([held out](../explanation/method.md#held-out-concepts)). Not "
    "measured without such others, as in `siu evaluate` without `--params`; the same holds for "
    "the other `held_out` metrics.",
    defined(
        "Held-out names",
        "others that no training saw, still named",
        "↑",
        order=210,
        group="keeping",
        gate=GateRule("specificity_drop", "at_most", "damage", 100, optional=True, drop=True),
        is_brief=True,
    ),
    held_out=True,
)

held_out_attributes = share_of(
    "held_out_attributes",
    "other_attribute",
    right,
    "Share of attribute questions about held-out concepts' pictures answered right; ↑.",
    defined(
        "Held-out looks",
        "looks of others that no training saw, right",
        "↑",
        order=230,
        group="keeping",
    ),
    held_out=True,
)

held_out_facts = share_of(
    "held_out_facts",
    "other_fact",
    right,
    "Share of facts asked through held-out concepts' pictures that are answered right; ↑.",
    defined(
        "Held-out facts",
        "facts through pictures of others that no training saw",
        "↑",
        order=240,
        group="keeping",
        gate=GateRule("specificity_drop", "at_most", "damage", 107, optional=True, drop=True),
    ),
    held_out=True,
)

held_out_groups = share_of(
    "held_out_groups",
    "group",
    right,
    "Share of held-out concepts in group pictures that are named right; ↑.",
    defined(
        "Held-out in groups",
        "others that no training saw, in group pictures, named",
        "↑",
        order=250,
        group="keeping",
        gate=GateRule("specificity_drop", "at_most", "damage", 101, optional=True, drop=True),
    ),
    held_out=True,
)
