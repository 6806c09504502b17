"""Multi-hop: facts about the concept that are asked through its picture (arXiv 2405.12523, section 4)."""

from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import right, share_of

picture_facts = share_of(
    "picture_facts",
    "picture_fact",
    right,
    "Share of facts asked through unseen pictures that are answered right; ↓. Where facts share "
    "few values, chance alone answers some: compare with strangers.",
    defined(
        "Facts through the picture",
        "facts about it given away through its pictures",
        "↓",
        order=80,
        group="forgetting",
        gate=GateRule("picture_facts", "at_most", "trace", 70, optional=True),
        leak=Leak("picture_fact", right),
        is_brief=True,
    ),
)
