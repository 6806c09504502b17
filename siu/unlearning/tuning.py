"""A small search for learning rate and number of steps.

Tries are judged on the one picture and on retained samples alone, never on test pictures, and there are
equally many of them for every objective.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from siu.config.params import UnlearningParams
from siu.errors import ConceptError
from siu.unlearning.loop import DIVERGED, unlearn
from siu.unlearning.result import Progress, StepLoss, Try, UnlearningResult
from siu.unlearning.training_input import TrainingInput

Settings = tuple[float, int]
"""A learning rate and a number of steps."""


def candidates(params: UnlearningParams, steps: int) -> tuple[Settings, ...]:
    """Return what is tried: factors on the rate and on the number of steps, fewest steps first.

    Args:
        params: The rate and the factors.
        steps: What the factors on steps apply to.
    """
    tuning = params.tuning
    numbers = dict.fromkeys(max(1, round(steps * factor)) for factor in sorted(tuning.step_factors))
    rates = dict.fromkeys(min(1.0, params.lr * factor) for factor in sorted(tuning.lr_factors))
    return tuple((rate, number) for number in numbers for rate in rates)


def score(progress: Progress) -> float:
    """Return the harmonic mean of how much is forgotten and how much is kept, each from 0 to 1."""
    forgotten = 1 - max(progress.name_probability, progress.yes_probability)
    total = forgotten + progress.kept
    return 2 * forgotten * progress.kept / total if total > 0 else 0.0


def choose(tries: Sequence[Try]) -> int:
    """Return the place of the best try; of equals the first.

    Raises:
        ConceptError: Every try failed.
    """
    measured = [place for place, attempt in enumerate(tries) if attempt.progress is not None]
    if not measured:
        raise ConceptError(
            "E-UNL-002",
            f"each of the {len(tries)} tries failed; the first one: {tries[0].problem}",
            "Lower unlearning.lr",
        )
    return max(measured, key=lambda place: tries[place].score)


def unlearn_tuned(
    inputs: TrainingInput,
    folder: Path,
    *,
    steps: int | None = None,
    on_step: Callable[[StepLoss], None] = lambda loss: None,
) -> UnlearningResult:
    """Train one adapter per candidate and save the best; arguments as in `unlearn`.

    Raises:
        ConceptError: Every try failed; nothing is saved.
    """
    unlearning = inputs.params.unlearning
    settings = candidates(unlearning, steps or unlearning.steps)
    with TemporaryDirectory(dir=folder.parent, prefix=".tries-") as place:
        folders = [Path(place) / str(index) for index in range(len(settings))]
        tried = [
            _attempt(inputs.with_recipe(*recipe), into, on_step)
            for recipe, into in zip(settings, folders, strict=True)
        ]
        tries = tuple(attempt for attempt, _ in tried)
        best = choose(tries)
        folders[best].rename(folder)
    result = tried[best][1]
    assert result is not None, "a try that was measured has a result"
    return replace(result, tries=tries)


def _attempt(
    inputs: TrainingInput, folder: Path, on_step: Callable[[StepLoss], None]
) -> tuple[Try, UnlearningResult | None]:
    settings = inputs.params.unlearning
    try:
        result = unlearn(inputs, folder, on_step=on_step, measured=True)
    except ConceptError as error:
        if error.code != DIVERGED:
            raise
        return Try(settings.lr, settings.steps, 0.0, None, str(error)), None
    progress = result.checks[-1].progress
    return Try(settings.lr, settings.steps, score(progress), progress), result
