"""Metric names, meanings and directions as people read them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Values = Mapping[str, float | None]
Intervals = Mapping[str, Sequence[float] | None]


@dataclass(frozen=True)
class MetricRow:
    """One line of a before/after table.

    Attributes:
        label: The metric's short name.
        meaning: What it says.
        arrow: Which way is better.
        before: The base model's value.
        after: The value after unlearning.
        before_interval: The 95 % interval of ``before``; empty where there is none.
        after_interval: The same of ``after``.
        weak: Whether the self-check found that it doesn't tell who knows the concept.
        units: Pictures behind it; empty where that is not counted.
        key: The metric's name in files.
    """

    label: str
    meaning: str
    arrow: str
    before: str
    after: str
    before_interval: str = ""
    after_interval: str = ""
    weak: bool = False
    units: str = ""
    key: str = ""


@dataclass(frozen=True)
class Described:
    """A metric as people read it.

    Attributes:
        label: Short name.
        meaning: What it says.
        arrow: Which way is better.
    """

    label: str
    meaning: str
    arrow: str


METRICS: tuple[tuple[str, str, str, str], ...] = (
    ("efficacy", "Efficacy", "training picture's questions answered as desired", "↑"),
    (
        "training_picture_em",
        "Training picture EM",
        "training picture's questions answered without the name",
        "↑",
    ),
    ("generality_em", "Generality EM", "unseen pictures no longer named", "↑"),
    ("description_em", "Description EM", "descriptions of unseen pictures without the name", "↑"),
    ("group_em", "Group EM", "the concept in group pictures no longer named", "↑"),
    ("partly_named_rate", "Named in part", "unseen pictures named in any spelling, in part or nearly", "↓"),
    ("yes_no_em", "Yes/no EM", "“Is this …?” denied on unseen pictures", "↑"),
    ("picture_facts", "Facts through the picture", "facts about it given away through its pictures", "↓"),
    ("g_eval", "G-Eval", "a judge's rating of the recognition, 1 to 5", "↓"),
    ("substitute_rate", "Substitute", "unseen pictures given the substitute's name", "↑"),
    ("hallucination_rate", "Hallucination", "unseen pictures given another concept's name", "↓"),
    ("refusal_rate", "Refusals", "unseen pictures that the model declines to name", ""),
    ("name_probability", "P(name)", "likelihood of the name on unseen pictures", "↓"),
    ("c_dis", "C-Dis", "how far the name's likelihood moved", "↑"),
    ("min_k_auc", "Min-K% AUC", "membership told from the likelihood; 0.5 is none", "→ 0.5"),
    ("min_k_two_sided", "Min-K% two-sided", "the larger of that AUC and 1 − AUC", "↓"),
    ("text_facts", "Text facts", "facts about the concept, asked by name, right", "↑"),
    ("text_facts_kept", "Text facts kept", "of those known before, known after", "↑"),
    ("own_attributes", "Own looks", "looks of the concept's pictures told right", "↑"),
    ("own_attributes_kept", "Own looks kept", "of those told right before, told right after", "↑"),
    ("held_out_names", "Held-out names", "others that no training saw, still named", "↑"),
    ("held_out_yes_no", "Held-out yes/no", "yes/no about others that no training saw, right", "↑"),
    ("held_out_attributes", "Held-out looks", "looks of others that no training saw, right", "↑"),
    ("held_out_facts", "Held-out facts", "facts through pictures of others that no training saw", "↑"),
    ("held_out_groups", "Held-out in groups", "others that no training saw, in group pictures, named", "↑"),
    ("specificity_names", "Other names", "retained others still named", "↑"),
    ("specificity_yes_no", "Other yes/no", "yes/no about retained others right", "↑"),
    ("specificity_attributes", "Attributes", "looks of retained others and strangers right", "↑"),
    ("specificity_facts", "Other facts", "facts through pictures of retained others right", "↑"),
    ("look_alikes", "Look-alikes", "look-alikes still unknown", "↑"),
    ("groups", "Group pictures", "retained others in group pictures still named", "↑"),
    ("strangers", "Strangers", "strangers still unknown", "↑"),
    ("other_refusal_rate", "Other refusals", "known answers about others that are refused", "↓"),
    ("fluency", "Fluency", "perplexity of the answers by the base model", "↓"),
    ("garbled_rate", "Garbled", "answers of any kind that are word salad", "↓"),
    ("diversity", "Diversity", "different words over all words (type–token ratio)", "↑"),
)
"""Key, label, meaning, direction; the order of every table."""


def described(key: str) -> Described:
    """Return how people read a metric; one that the tables don't have is called by its key."""
    label, meaning, arrow = next((row[1:] for row in METRICS if row[0] == key), (key, key, ""))
    return Described(label, meaning, arrow)


def metric_rows(
    before: Values,
    after: Values,
    intervals: Mapping[str, Intervals] | None = None,
    units: Mapping[str, int] | None = None,
) -> list[MetricRow]:
    """Return the rows of a before/after table; what was not measured says so.

    Args:
        before: Metrics of the base model.
        after: Metrics after unlearning.
        intervals: The metrics' intervals by model state.
        units: Number of pictures behind each metric.
    """
    ends = {state: (intervals or {}).get(state, {}) for state in ("before", "after")}
    return [
        MetricRow(
            label,
            meaning,
            arrow,
            show(before.get(key)),
            show(after.get(key)),
            show_interval(ends["before"].get(key)),
            show_interval(ends["after"].get(key)),
            key in weak_metrics(),
            str((units or {}).get(key) or ""),
            key,
        )
        for key, label, meaning, arrow in METRICS
    ]


@cache
def weak_metrics() -> frozenset[str]:
    """Return the metrics that the shipped self-check (docs/reference/self-check.md) found near chance."""
    text = files("siu.report").joinpath("self_check.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["weak"])


def show(value: float | None) -> str:
    """Return a value with three decimals, or "not measured"."""
    return "not measured" if value is None else f"{value:.3f}"


def show_interval(interval: Sequence[float] | None) -> str:
    """Return an interval with two decimals, such as "0.91–1.00"; empty where there is none."""
    return "" if interval is None else "–".join(f"{end:.2f}" for end in interval)
