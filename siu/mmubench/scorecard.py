"""The scorecard: every metric of one concept in one model state."""

from collections.abc import Mapping
from typing import Any

from siu.mmubench import metrics
from siu.mmubench.bootstrap import Interval, Metric
from siu.mmubench.leaks import leaks
from siu.mmubench.records import Records

Scorecard = dict[str, float | None]
"""Metric name to value; None means "not measured"."""

Intervals = dict[str, Interval | None]
"""Metric name to its 95 % interval; None where there is none."""

_OF_ONE_STATE: dict[str, Metric[Records]] = {
    "efficacy": metrics.efficacy,
    "training_picture_em": metrics.training_picture_em,
    "generality_em": metrics.generality_em,
    "description_em": metrics.description_em,
    "group_em": metrics.group_em,
    "yes_no_em": metrics.yes_no_em,
    "picture_facts": metrics.picture_facts,
    "name_probability": metrics.name_probability,
    "naming_rate": metrics.naming_rate,
    "substitute_rate": metrics.substitute_rate,
    "hallucination_rate": metrics.hallucination_rate,
    "refusal_rate": metrics.refusal_rate,
    "other_refusal_rate": metrics.other_refusal_rate,
    "text_facts": metrics.text_facts,
    "held_out_names": metrics.held_out_names,
    "held_out_attributes": metrics.held_out_attributes,
    "held_out_facts": metrics.held_out_facts,
    "held_out_yes_no": metrics.held_out_yes_no,
    "held_out_groups": metrics.held_out_groups,
    "specificity_names": metrics.specificity_names,
    "specificity_attributes": metrics.specificity_attributes,
    "specificity_facts": metrics.specificity_facts,
    "specificity_yes_no": metrics.specificity_yes_no,
    "look_alikes": metrics.look_alikes,
    "groups": metrics.groups,
    "strangers": metrics.strangers,
    "own_attributes": metrics.own_attributes,
    "fluency": metrics.fluency,
    "garbled_rate": metrics.garbled_rate,
}
_OF_BOTH_STATES: dict[str, Metric[Records, Records]] = {
    "c_dis": metrics.c_dis,
    "text_facts_kept": metrics.text_facts_kept,
    "own_attributes_kept": metrics.own_attributes_kept,
}


def scorecard(before: Records, after: Records, ratings: Mapping[str, int] | None = None) -> Scorecard:
    """Return the metrics of one model state.

    Args:
        before: Records of the base model on the same questions.
        after: Records of the state to be scored; pass ``before`` twice to score the base model.
        ratings: A judge's ratings of the answers in ``after`` by question id; None without a judge.
    """
    return {
        **{name: metric(after) for name, metric in _OF_ONE_STATE.items()},
        **{name: metric(before, after) for name, metric in _OF_BOTH_STATES.items()},
        "diversity": metrics.diversity(after),
        "g_eval": metrics.g_eval(after, ratings or {}),
    }


def intervals(before: Records, after: Records, ratings: Mapping[str, int] | None = None) -> Intervals:
    """Return the 95 % intervals of the same metrics; the arguments are those of `scorecard`."""
    return {
        **{name: metric.interval(after) for name, metric in _OF_ONE_STATE.items()},
        **{name: metric.interval(before, after) for name, metric in _OF_BOTH_STATES.items()},
        "diversity": None,
        "g_eval": metrics.g_eval.interval(after, ratings or {}),
    }


def units(before: Records, after: Records) -> dict[str, int]:
    """Return the number of independent units (pictures) behind each metric; see `scorecard`."""
    return {
        **{name: metric.units(after) for name, metric in _OF_ONE_STATE.items()},
        **{name: metric.units(before, after) for name, metric in _OF_BOTH_STATES.items()},
    }


def scorecards(
    before: Records,
    after: Records,
    ratings: tuple[Mapping[str, int], Mapping[str, int]] | None = None,
) -> dict[str, Any]:
    """Return both states' metrics with intervals, units and quoted leaks, as plain values.

    Args:
        before: Records of the base model.
        after: Records after unlearning, of the same questions.
        ratings: A judge's ratings before and after; None without a judge.
    """
    old, new = ratings or ({}, {})
    return {
        "before": scorecard(before, before, old),
        "after": scorecard(before, after, new),
        "intervals": {"before": intervals(before, before, old), "after": intervals(before, after, new)},
        "units": {"before": units(before, before), "after": units(before, after)},
        "leaks": {"before": {}, "after": leaks(after)},
    }
