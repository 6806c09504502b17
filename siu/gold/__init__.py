"""The gold reference: how far is a model from one that never knew the concept?"""

from siu.gold.distance import PURPOSES, Distance, distances
from siu.gold.questions import candidate_questions
from siu.gold.reference import GoldReference, attack_gold, gold_reference

__all__ = [
    "PURPOSES",
    "Distance",
    "GoldReference",
    "attack_gold",
    "candidate_questions",
    "distances",
    "gold_reference",
]
