"""When a run ends before its last step: as soon as every concept is forgotten and the rest is kept."""

from siu.config.params import StoppingParams, UnlearningParams
from siu.unlearning.progress import ProgressCheck
from siu.unlearning.result import Check, Progress


class Watch:
    """Looks at a run every few steps and says when it may end.

    Args:
        progress: What is measured.
        params: Whether it may end early, and the limits; a run of fixed length is looked at once, at its end.
        steps: The last step there can be.
    """

    def __init__(self, progress: ProgressCheck, params: UnlearningParams, steps: int) -> None:
        self._progress, self._params, self._steps = progress, params.stopping, steps
        self._stops = params.stop == "until_forgotten"
        self.checks: list[Check] = []

    def reason_after(self, step: int) -> str | None:
        """Return why the run shall end after this step, or None."""
        due = self._stops and step % self._params.every == 0
        if not due and step < self._steps:
            return None
        before = self.checks[-1].progress if self.checks else None
        self.checks.append(Check(step, self._progress.measure()))
        reason = stop_reason(self.checks[-1].progress, before, self._params)
        return f"{reason} at step {step}" if self._stops and reason else None


def stop_reason(progress: Progress, before: Progress | None, params: StoppingParams) -> str | None:
    """Return why a run shall end now, or None.

    It goes on until every concept is forgotten. Then it ends if what is retained is kept, or if that doesn't
    get better by going on.

    Args:
        progress: What was measured now.
        before: What was measured at the check before, if there was one.
        params: The limits.
    """
    if progress.name_probability > params.name_probability:
        return None
    if progress.yes_probability > params.yes_probability:
        return None
    if progress.kept >= params.kept:
        return "forgotten and the rest kept"
    if before is not None and progress.kept <= before.kept:
        return "forgotten while the rest gets worse"
    return None
