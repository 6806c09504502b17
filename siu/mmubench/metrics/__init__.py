"""The metrics of MMUBench: pure functions of records, one idea per file."""

from siu.mmubench.metrics.c_dis import c_dis, name_probability
from siu.mmubench.metrics.diversity import diversity
from siu.mmubench.metrics.efficacy import efficacy, training_picture_em
from siu.mmubench.metrics.fluency import fluency
from siu.mmubench.metrics.g_eval import Ratings, g_eval
from siu.mmubench.metrics.garbled import garbled_pictures, garbled_rate, garbled_training_picture
from siu.mmubench.metrics.generality import (
    description_em,
    generality_em,
    group_em,
    naming_rate,
    partly_named_rate,
)
from siu.mmubench.metrics.hallucination import hallucination_rate
from siu.mmubench.metrics.held_out import (
    held_out_attributes,
    held_out_facts,
    held_out_groups,
    held_out_names,
)
from siu.mmubench.metrics.kept import (
    groups,
    look_alikes,
    own_attributes,
    specificity_attributes,
    specificity_facts,
    specificity_names,
    strangers,
    text_facts,
)
from siu.mmubench.metrics.picture_facts import picture_facts
from siu.mmubench.metrics.refusal import other_refusal_rate, refusal_rate
from siu.mmubench.metrics.retention import own_attributes_kept, text_facts_kept
from siu.mmubench.metrics.share import accuracy
from siu.mmubench.metrics.substitution import substitute_rate
from siu.mmubench.metrics.yes_no import held_out_yes_no, specificity_yes_no, yes_no_em

__all__ = [
    "Ratings",
    "accuracy",
    "c_dis",
    "description_em",
    "diversity",
    "efficacy",
    "fluency",
    "g_eval",
    "garbled_pictures",
    "garbled_rate",
    "garbled_training_picture",
    "generality_em",
    "group_em",
    "groups",
    "hallucination_rate",
    "held_out_attributes",
    "held_out_facts",
    "held_out_groups",
    "held_out_names",
    "held_out_yes_no",
    "look_alikes",
    "name_probability",
    "naming_rate",
    "other_refusal_rate",
    "own_attributes",
    "own_attributes_kept",
    "partly_named_rate",
    "picture_facts",
    "refusal_rate",
    "specificity_attributes",
    "specificity_facts",
    "specificity_names",
    "specificity_yes_no",
    "strangers",
    "substitute_rate",
    "text_facts",
    "text_facts_kept",
    "training_picture_em",
    "yes_no_em",
]
