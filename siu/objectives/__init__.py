"""Objectives: pure loss functions on answer positions."""

from siu.objectives.cross_entropy import weighted_cross_entropy
from siu.objectives.dual_masked_kl import dual_masked_kl
from siu.objectives.siu import AnswerPositions, Normalisers, SiuLoss, siu_loss

__all__ = [
    "AnswerPositions",
    "Normalisers",
    "SiuLoss",
    "dual_masked_kl",
    "siu_loss",
    "weighted_cross_entropy",
]
