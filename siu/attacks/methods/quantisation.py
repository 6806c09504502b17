"""Quantisation: the weights rounded to fewer bits."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import Field

from siu.attacks.attack import Attack, Family
from siu.attacks.calibrated_rounding import Calibrated, rounded_by_inputs
from siu.attacks.levels import at_levels
from siu.attacks.observation import Observation
from siu.attacks.rounding import Precision, rounded
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count
from siu.models import EncodedTurn, Turn, VisionLanguageModel

_CALIBRATING = 16
"""Pictures that GPTQ and AWQ look at: none of the concept, as who serves a model has no reason to show it."""


class Quantisation(Attack):
    """Rounding of the merged weights, to the nearest, by GPTQ or by AWQ (arXiv 2410.16454)."""

    title: ClassVar[str] = "Quantisation"
    family: ClassVar[Family] = "weights"
    score: ClassVar[str] = "pictures named at the worst precision"
    because: ClassVar[str] = "a damaged model may name anybody so"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"pictures": 40}}

    pictures: Count = 8
    """Test pictures per case."""
    precisions: Annotated[tuple[Precision | Calibrated, ...], Field(min_length=1)] = (
        "bf16",
        "int8",
        "int4",
        "nf4",
        "gptq",
        "awq",
    )
    """How the language model's linear layers are rounded; to four bits in blocks of 64."""

    def run(self, scene: Scene) -> Observation:
        """Ask the plain questions at every precision."""
        at = partial(_rounded, scene.vlm, _calibrating(scene))
        return at_levels(scene, "precision", self.precisions, "full", at, self.pictures)


def _rounded(
    vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], precision: Precision | Calibrated
) -> AbstractContextManager[VisionLanguageModel]:
    if precision == "gptq" or precision == "awq":
        return rounded_by_inputs(vlm, precision, turns)
    return rounded(vlm, precision)


def _calibrating(scene: Scene) -> Sequence[EncodedTurn]:
    """Return plain questions about strangers and retained concepts; about the concept where it is alone."""
    concept, *others = scene.cases
    retained = [picture for case in others if case.role == "retained" for picture in case.fit]
    pictures = [*scene.reference, *retained]
    question = concept.wordings("name", "train")[0]
    shown = (pictures or [*concept.fit, *concept.test])[:_CALIBRATING]
    return [scene.encoder.encode(Turn(question, "", picture)) for picture in shown]
