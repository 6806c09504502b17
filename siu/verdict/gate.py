"""One gate: a measurement, its limit, and whether the data prove that it holds.

A share that was measured on a sample of pictures holds only if its exact one-sided bound does: 20 of 20
pictures don't show that 95 of 100 would pass. What was asked in full (the training picture's questions, the
facts that the collection holds) is no sample; there the share itself counts.
"""

from dataclasses import dataclass
from typing import Literal

from siu.mmubench.metric_definition import Effect, Side
from siu.statistics.exact import lower_bound, trials_needed, upper_bound
from siu.verdict.scores import Scores

State = Literal["passed", "broken", "unproven", "unmeasured"]


@dataclass(frozen=True)
class Gate:
    """A limit on one metric.

    Attributes:
        metric: The metric.
        limit: The share that must be reached, or not exceeded.
        side: Which of the two.
        effect: What a broken gate means: the concept is ``named`` on unseen pictures, a ``trace`` of it is
            left, or something else took ``damage``.
        sampled: Whether the metric speaks of pictures that were not asked about, so that a bound is needed.
        optional: Whether it may be unmeasured: not every collection has group pictures, for instance.
        kept: Whether it is about what must stay: that the base model passes says nothing there.
        drop: Whether the metric's fall from before to after is limited, not its value.
    """

    metric: str
    limit: float
    side: Side
    effect: Effect
    sampled: bool = True
    optional: bool = False
    kept: bool = False
    drop: bool = False

    def read(self, before: Scores, after: Scores, confidence: float) -> "Reading":
        """Hold the scores against the gate.

        Args:
            before: Scores of the base model.
            after: Scores after unlearning.
            confidence: How sure a bound must be, one-sided.
        """
        value, old = after.values.get(self.metric), before.values.get(self.metric)
        units = after.units.get(self.metric, 0)
        if self.drop:
            value = None if value is None or old is None else max(0.0, old - value)
            old = None
        bound = None if value is None or not self.sampled else self._bound(value, units, confidence)
        return Reading(
            self,
            value,
            old,
            units,
            bound,
            self._state(value, bound),
            is_vacuous=not self._is_kept and old is not None and self._holds(old),
            confidence=confidence,
            leak=after.leaks.get(self.metric, ""),
        )

    @property
    def _is_kept(self) -> bool:
        return self.kept or self.effect == "damage"

    def _holds(self, share: float) -> bool:
        return share >= self.limit if self.side == "at_least" else share <= self.limit

    def _bound(self, value: float, units: int, confidence: float) -> float:
        bound = lower_bound if self.side == "at_least" else upper_bound
        return bound(min(1.0, max(0.0, value)) * units, units, confidence)

    def _state(self, value: float | None, bound: float | None) -> State:
        if value is None:
            return "passed" if self.optional else "unmeasured"
        if not self._holds(value):
            return "broken"
        return "passed" if bound is None or self._holds(bound) else "unproven"


@dataclass(frozen=True)
class Reading:
    """What a gate says of one concept.

    Attributes:
        gate: The gate.
        value: The metric after unlearning, or its fall; None if not measured.
        before: The metric of the base model, where it is compared.
        units: Independent units behind the value.
        bound: The exact one-sided bound on the gate's side; None where nothing was sampled.
        state: ``passed``, ``broken``, ``unproven`` (the value holds, its bound doesn't) or ``unmeasured``.
        is_vacuous: Whether the base model passes the gate before any training.
        confidence: Of the bound.
        leak: An answer that speaks against it, with its question.
    """

    gate: Gate
    value: float | None
    before: float | None
    units: int
    bound: float | None
    state: State
    is_vacuous: bool
    confidence: float
    leak: str = ""

    @property
    def sentence(self) -> str:
        """What the gate says, for a person; may quote an answer."""
        name, limit = self.gate.metric, self.gate.limit
        if self.value is None:
            return f"{name} was not measured"
        what = f"{name} fell by {self.value:.3f}" if self.gate.drop else f"{name} is {self.value:.3f}"
        side = "below" if self.gate.side == "at_least" else "above"
        if self.state == "broken":
            return f"{what}, {side} {limit:g}" + (f" ({self.leak})" if self.leak else "")
        if self.state == "unproven":
            needed = trials_needed(limit if self.gate.side == "at_least" else 1 - limit, self.confidence)
            remedy = f"at least {needed}" if self.units < needed else "more"
            return (
                f"{what} on {self.units} pictures, but {self.bound:.3f} can't be excluded at "
                f"{self.confidence:.0%} confidence: unproven for {limit:g}, {remedy} pictures are needed"
            )
        return what

    @property
    def vacuous_sentence(self) -> str:
        """What to know of a gate that tells nothing."""
        value = "" if self.before is None else f" ({self.before:.3f})"
        return f"the base model passes {self.gate.metric}{value} before any training: this gate tells nothing"

    def to_json(self) -> dict[str, object]:
        """Return the reading as plain values, without the quoted answer."""
        return {
            "metric": self.gate.metric,
            "side": self.gate.side,
            "limit": self.gate.limit,
            "value": self.value,
            "before": self.before,
            "units": self.units,
            "bound": self.bound,
            "state": self.state,
            "vacuous": self.is_vacuous,
        }
