"""The metrics of MMUBench: pure functions of records, one idea per file."""

from siu.mmubench.metrics.c_dis import c_dis, name_probability
from siu.mmubench.metrics.diversity import diversity
from siu.mmubench.metrics.efficacy import efficacy
from siu.mmubench.metrics.fluency import fluency
from siu.mmubench.metrics.generality import (
    generality_em,
    group_em,
    naming_rate,
    substitute_rate,
    yes_no_em,
)
from siu.mmubench.metrics.kept import (
    accuracy,
    groups,
    look_alikes,
    specificity_attributes,
    specificity_facts,
    specificity_names,
    specificity_yes_no,
    strangers,
    text_facts,
)

__all__ = [
    "accuracy",
    "c_dis",
    "diversity",
    "efficacy",
    "fluency",
    "generality_em",
    "group_em",
    "groups",
    "look_alikes",
    "name_probability",
    "naming_rate",
    "specificity_attributes",
    "specificity_facts",
    "specificity_names",
    "specificity_yes_no",
    "strangers",
    "substitute_rate",
    "text_facts",
    "yes_no_em",
]
