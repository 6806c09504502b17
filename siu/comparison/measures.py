"""What a study compares: the paper's table 1, what this project adds, and the two axes of the frontier."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from siu.mmubench.metric_definition import Group, Values
from siu.mmubench.metric_registry import definitions
from siu.statistics.clusters import SHARE, Limits

ATTACKED, BEYOND, TWO_SIDED = "attack_", "beyond_", "two_sided_"
"""What stands before an attack's name in the keys of its values."""

FORGOTTEN = ("generality_em", "yes_no_em")
HELD_OUT = ("held_out_names", "held_out_facts", "held_out_attributes", "held_out_groups")
OTHERS = ("specificity_names", "specificity_facts", "specificity_attributes", "look_alikes", "groups")
_SPECIFICITY = ("specificity_names", "specificity_yes_no", "specificity_attributes", "specificity_facts")
_HELD_OUT_SPECIFICITY = ("held_out_names", "held_out_yes_no", "held_out_attributes", "held_out_facts")
_PAPER = (
    "efficacy",
    "generality_em",
    "g_eval",
    "c_dis",
    "held_out_specificity",
    "specificity",
    "fluency",
    "diversity",
)
_PAIRED = ("loss_of_others",)
"""Differences between before and after."""
_DERIVED = (
    (
        "held_out_specificity",
        "Held-out specificity",
        "names, yes/no, looks and facts of others that no training saw, their mean",
        "↑",
    ),
    ("specificity", "Specificity", "the same of others that training may retain", "↑"),
    ("forgetting", "Forgetting", "mean of generality EM and yes/no EM", "↑"),
    ("loss_of_held_out", "Loss of held-out", "mean drop of held-out names, facts, looks, groups", "↓"),
    ("loss_of_others", "Loss of others", "mean drop of other names, facts, looks, look-alikes, groups", "↓"),
)


@dataclass(frozen=True)
class Measure:
    """One column of the table.

    Attributes:
        key: Its name in a scorecard and in the CSV files.
        label: Its heading.
        meaning: What it says.
        arrow: ``↑`` where more is better, ``↓`` where less is, empty where neither is.
        limits: The lowest and the highest value there is; None where it has none.
        paired: Whether it is a difference of pairs itself.
    """

    key: str
    label: str
    meaning: str
    arrow: str
    limits: Limits | None = SHARE
    paired: bool = False

    @property
    def difference_limits(self) -> Limits | None:
        """The lowest and the highest difference of two values."""
        return (
            None
            if self.limits is None
            else (self.limits[0] - self.limits[1], self.limits[1] - self.limits[0])
        )


_DEFINED = {
    metric.name: Measure(metric.name, metric.label, metric.meaning, metric.arrow, metric.limits)
    for metric in definitions()
}
_COMPUTED = {
    name: Measure(name, label, meaning, arrow, (-1.0, 1.0) if name in _PAIRED else SHARE, name in _PAIRED)
    for name, label, meaning, arrow in _DERIVED
}


def _measures(keys: Iterable[str]) -> tuple[Measure, ...]:
    known = _DEFINED | _COMPUTED
    return tuple(known[key] for key in keys)


def _beside_the_paper(*groups: Group) -> tuple[str, ...]:
    """Return the metrics of some groups that are not in the paper's table."""
    return tuple(
        metric.name
        for metric in definitions()
        if metric.group in groups and metric.is_shown and metric.name not in _PAPER
    )


PAPER = _measures(_PAPER)
"""The columns of the paper's table 1."""
FORGET = _measures(("forgetting", *_beside_the_paper("forgetting", "language")))
"""What this project adds about forgetting; no attacks are made."""
KEEP = _measures(("loss_of_held_out", "loss_of_others", *_beside_the_paper("keeping")))
"""What this project adds about keeping."""
MEASURES = (*PAPER, *FORGET, *KEEP)


def measured(before: Values, after: Values) -> dict[str, float | None]:
    """Return the value of every measure of one run; None where it was not measured.

    Args:
        before: Scorecard of the base model.
        after: Scorecard of the model that is judged; ``before`` again to judge the base model.
    """
    derived = {
        "held_out_specificity": _mean(after.get(key) for key in _HELD_OUT_SPECIFICITY),
        "specificity": _mean(after.get(key) for key in _SPECIFICITY),
        "forgetting": _mean(after.get(key) for key in FORGOTTEN),
        "loss_of_held_out": _mean(_drop(before.get(key), after.get(key)) for key in HELD_OUT),
        "loss_of_others": _mean(_drop(before.get(key), after.get(key)) for key in OTHERS),
    }
    return {
        measure.key: derived[measure.key] if measure.key in derived else after.get(measure.key)
        for measure in MEASURES
    }


def _drop(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else old - new


def _mean(values: Iterable[float | None]) -> float | None:
    measured_values = [value for value in values if value is not None]
    return fmean(measured_values) if measured_values else None
