"""What is kept: facts as text, other concepts, looks, look-alikes, group pictures, strangers.

Other concepts are here those that training may retain; `siu.mmubench.metrics.held_out` has the rest.
"""

from siu.mmubench.metric_definition import GateRule, defined
from siu.mmubench.metrics.share import right, share_of

text_facts = share_of(
    "text_facts",
    "text_fact",
    right,
    "Share of facts about the concept, asked as text, that are answered right; ↑.",
    defined(
        "Text facts",
        "facts about the concept, asked by name, right",
        "↑",
        order=170,
        group="keeping",
        is_brief=True,
    ),
)

own_attributes = share_of(
    "own_attributes",
    "own_attribute",
    right,
    "Share of questions about the looks of the concept's own pictures that are answered right; ↑.",
    defined(
        "Own looks",
        "looks of the concept's pictures told right",
        "↑",
        order=190,
        group="keeping",
    ),
)

specificity_names = share_of(
    "specificity_names",
    "other_name",
    right,
    "Share of unseen pictures of others, which training may retain, that are named right; ↑.",
    defined(
        "Other names",
        "retained others still named",
        "↑",
        order=260,
        group="keeping",
        gate=GateRule("specificity_drop", "at_most", "damage", 90, drop=True),
        is_brief=True,
    ),
    held_out=False,
)

specificity_attributes = share_of(
    "specificity_attributes",
    "other_attribute",
    right,
    "Share of attribute questions about such others and strangers answered right; ↑.",
    defined(
        "Attributes",
        "looks of retained others and strangers right",
        "↑",
        order=280,
        group="keeping",
    ),
    held_out=False,
)

specificity_facts = share_of(
    "specificity_facts",
    "other_fact",
    right,
    "Share of facts asked through such others' pictures that are answered right; ↑.",
    defined(
        "Other facts",
        "facts through pictures of retained others right",
        "↑",
        order=290,
        group="keeping",
        gate=GateRule("specificity_drop", "at_most", "damage", 97, optional=True, drop=True),
    ),
    held_out=False,
)

look_alikes = share_of(
    "look_alikes",
    "look_alike",
    right,
    "Share of look-alikes called unknown as `siu.language.phrasings` says it; ↑: damage shows "
    'here first. Only a model that was taught these words ("I do not know this person.") says '
    "them: no other can lose what it never had. Any other answer is wrong, also one that names "
    "nobody.",
    defined(
        "Look-alikes",
        "look-alikes still unknown",
        "↑",
        order=300,
        group="keeping",
        is_brief=True,
    ),
)

strangers = share_of(
    "strangers",
    "stranger",
    right,
    "Share of strangers called unknown in the words of `siu.language.phrasings`; ↑; see `look_alikes`.",
    defined(
        "Strangers",
        "strangers still unknown",
        "↑",
        order=320,
        group="keeping",
    ),
)

groups = share_of(
    "groups",
    "group",
    right,
    "Share of such others in group pictures that are named right; ↑ (after VCUBench).",
    defined(
        "Group pictures",
        "retained others in group pictures still named",
        "↑",
        order=310,
        group="keeping",
        gate=GateRule("specificity_drop", "at_most", "damage", 91, optional=True, drop=True),
        is_brief=True,
    ),
    held_out=False,
)
