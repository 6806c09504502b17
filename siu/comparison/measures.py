"""What a study compares: the paper's table 1, what this project adds, and the two axes of the frontier."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from siu.report.metric_rows import METRICS

Values = Mapping[str, float | None]

FORGOTTEN = ("generality_em", "yes_no_em")
OTHERS = ("specificity_names", "specificity_facts", "specificity_attributes", "look_alikes", "groups")
_SPECIFICITY = ("specificity_names", "specificity_yes_no", "specificity_attributes", "specificity_facts")
_PAPER = ("efficacy", "generality_em", "g_eval", "c_dis", "specificity", "fluency", "diversity")
_KEPT = (
    *OTHERS,
    "specificity_yes_no",
    "strangers",
    "text_facts",
    "text_facts_kept",
    "own_attributes",
    "own_attributes_kept",
    "other_refusal_rate",
)
_ATTACKS = ("multi_hop_leak", "min_k_auc", "min_k_two_sided")
_DERIVED = (
    ("specificity", "Specificity", "names, yes/no, looks and facts of other pictures, their mean", "↑"),
    ("forgetting", "Forgetting", "mean of generality EM and yes/no EM", "↑"),
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
    """

    key: str
    label: str
    meaning: str
    arrow: str


def _measures(keys: Iterable[str]) -> tuple[Measure, ...]:
    known = {row[0]: row for row in (*METRICS, *_DERIVED)}
    return tuple(Measure(*known[key]) for key in keys)


PAPER = _measures(_PAPER)
"""The columns of the paper's table 1."""
_OURS = [row[0] for row in METRICS if row[0] not in (*_PAPER, *_ATTACKS)]
FORGET = _measures(("forgetting", *(key for key in _OURS if key not in _KEPT)))
"""What this project adds about forgetting; no attacks are made."""
KEEP = _measures(("loss_of_others", *(key for key in _OURS if key in _KEPT)))
"""What this project adds about keeping."""
MEASURES = (*PAPER, *FORGET, *KEEP)


def measured(before: Values, after: Values) -> dict[str, float | None]:
    """Return the value of every measure of one run; None where it was not measured.

    Args:
        before: Scorecard of the base model.
        after: Scorecard of the model that is judged; ``before`` again to judge the base model.
    """
    derived = {
        "specificity": _mean(after.get(key) for key in _SPECIFICITY),
        "forgetting": _mean(after.get(key) for key in FORGOTTEN),
        "loss_of_others": _mean(_drop(before.get(key), after.get(key)) for key in OTHERS),
    }
    return {one.key: derived[one.key] if one.key in derived else after.get(one.key) for one in MEASURES}


def _drop(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else old - new


def _mean(values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return fmean(found) if found else None
