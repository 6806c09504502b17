"""Attacks that change the weights by degrees and ask the plain questions at each."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from siu.attacks.observation import Curve, Observation
from siu.attacks.prompt_attack import observed
from siu.attacks.scene import Reply, Scene
from siu.models import VisionLanguageModel

Level = TypeVar("Level", str, float)


def at_levels(
    scene: Scene,
    axis: str,
    levels: Sequence[Level],
    unchanged: Level,
    changed: Callable[[Level], AbstractContextManager[VisionLanguageModel]],
    pictures: int,
) -> Observation:
    """Return how often the cases are named at each level; its curve begins with the unchanged model.

    Args:
        scene: The model and the cases.
        axis: What the levels are, for the curve.
        levels: How strongly the model is changed.
        unchanged: The level of the model as it is, for the curve.
        changed: Gives the model at a level, and changes it back.
        pictures: Test pictures per case.
    """
    cases = range(len(scene.cases))
    plain = [scene.plain(index, pictures) for index in cases]
    replies: list[Reply] = []
    for level in levels:
        asks = [ask for index in cases for ask in scene.naming(index, pictures, _variant(level))]
        with changed(level) as vlm:
            replies += scene.on(vlm).ask(asks)
    seen = observed(plain, replies)
    rates: Mapping[str, float] = seen.outcomes[0].variants
    points = [(level, rates[_variant(level)]) for level in levels if _variant(level) in rates]
    if plain[0] is not None:
        points.insert(0, (unchanged, plain[0]))
    return Observation(seen.outcomes, (Curve("concept", axis, tuple(points)),), seen.details, seen.said)


def _variant(level: str | float) -> str:
    return level if isinstance(level, str) else f"{level:g}"
