"""Metric names, meanings and directions as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class MetricRow:
    """One line of a before/after table."""

    label: str
    meaning: str
    arrow: str
    before: str
    after: str


METRICS: tuple[tuple[str, str, str, str], ...] = (
    ("efficacy", "Efficacy", "training picture's questions answered as desired", "↑"),
    ("generality_em", "Generality EM", "unseen pictures no longer named", "↑"),
    ("group_em", "Group EM", "the concept in group pictures no longer named", "↑"),
    ("yes_no_em", "Yes/no EM", "“Is this …?” denied on unseen pictures", "↑"),
    ("substitute_rate", "Substitute", "unseen pictures given the substitute's name", "↑"),
    ("name_probability", "P(name)", "likelihood of the name on unseen pictures", "↓"),
    ("c_dis", "C-Dis", "how far the name's likelihood moved", "↑"),
    ("multi_hop_leak", "Multi-hop leak", "facts given away through the picture", "↓"),
    ("min_k_auc", "Min-K% AUC", "membership told from the likelihood; 0.5 is none", "→ 0.5"),
    ("text_facts", "Text facts", "facts about the concept, asked by name, kept", "↑"),
    ("own_attributes", "Own looks", "looks of the concept's pictures kept", "↑"),
    ("specificity_names", "Other names", "other concepts still named", "↑"),
    ("specificity_yes_no", "Other yes/no", "yes/no about other concepts right", "↑"),
    ("specificity_attributes", "Attributes", "looks and counts of other pictures right", "↑"),
    ("specificity_facts", "Other facts", "facts through other pictures right", "↑"),
    ("look_alikes", "Look-alikes", "look-alikes still unknown", "↑"),
    ("groups", "Group pictures", "others in group pictures still named", "↑"),
    ("strangers", "Strangers", "strangers still unknown", "↑"),
    ("fluency", "Fluency", "perplexity of the answers by the base model", "↓"),
    ("diversity", "Diversity", "share of unique words", "↑"),
)
"""Key, label, meaning, direction; the order of every table."""


def metric_rows(before: Values, after: Values) -> list[MetricRow]:
    """Return the rows of a before/after table; what was not measured says so."""
    return [
        MetricRow(label, meaning, arrow, show(before.get(key)), show(after.get(key)))
        for key, label, meaning, arrow in METRICS
    ]


def show(value: float | None) -> str:
    """Return a value with three decimals, or "not measured"."""
    return "not measured" if value is None else f"{value:.3f}"
