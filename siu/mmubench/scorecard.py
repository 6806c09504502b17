"""The scorecard: every metric of one concept in one model state."""

from siu.mmubench import metrics
from siu.mmubench.records import Records, with_purpose

Scorecard = dict[str, float | None]
"""Metric name to value; None means "not measured"."""


def scorecard(before: Records, after: Records) -> Scorecard:
    """Return the metrics of one model state.

    Args:
        before: Records of the base model on the same questions.
        after: Records of the state to be scored; pass ``before`` twice to score the base model.
    """
    return {
        "efficacy": metrics.efficacy(after),
        "generality_em": metrics.generality_em(after),
        "group_em": metrics.group_em(after),
        "yes_no_em": metrics.yes_no_em(after),
        "c_dis": metrics.c_dis(before, after),
        "name_probability": metrics.name_probability(after),
        "naming_rate": metrics.naming_rate(after),
        "substitute_rate": metrics.substitute_rate(after),
        "text_facts": metrics.text_facts(after),
        "specificity_names": metrics.specificity_names(after),
        "specificity_attributes": metrics.specificity_attributes(after),
        "specificity_facts": metrics.specificity_facts(after),
        "specificity_yes_no": metrics.specificity_yes_no(after),
        "look_alikes": metrics.look_alikes(after),
        "groups": metrics.groups(after),
        "strangers": metrics.strangers(after),
        "own_attributes": metrics.accuracy(after, "own_attribute"),
        "fluency": metrics.fluency(after),
        "diversity": metrics.diversity(_about_the_concept(after)),
    }


def _about_the_concept(records: Records) -> Records:
    return {record.question.id: record for record in with_purpose(records, "efficacy", "name", "text_fact")}
