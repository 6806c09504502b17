"""What an attack saw: on one model state (`Observation`), and on all of them side by side (`Finding`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Gives = Literal["answer", "trace"]
Control = Literal["strangers", "gold", "new name"]
"""Whose recovery is what an attack suggests by itself."""
Interval = tuple[float, float]
CONTROL_WORDS: dict[Control, str] = {
    "strangers": "strangers",
    "gold": "the gold model",
    "new name": "a name that nobody has",
}


@dataclass(frozen=True)
class Outcome:
    """An attack on one case: a concept's pictures in one model state.

    Attributes:
        plain: The score without the attack; None where nothing could be measured.
        attacked: The score under the attack.
        interval: 95 % interval of ``attacked`` over pictures, where there is one: exact for shares
            (`siu.attacks.shares`), by bootstrap for AUCs.
        variants: The score under each variant of the attack, where it has some; ``attacked`` is the worst.
    """

    plain: float | None
    attacked: float | None
    interval: Interval | None = None
    variants: Mapping[str, float] = field(default_factory=dict)

    @property
    def recovery(self) -> float | None:
        """What the attack brings back: attacked − plain."""
        if self.plain is None or self.attacked is None:
            return None
        return self.attacked - self.plain


UNMEASURED = Outcome(None, None)


@dataclass(frozen=True)
class Curve:
    """A line of the report.

    Attributes:
        name: What is drawn: a model state, or a layer's meaning.
        x: What runs along the axis: "steps", "epsilon / 255", "layer", "precision", "variant".
        points: Pairs of place and score; the place is a number or, for kinds, a text.
    """

    name: str
    x: str
    points: tuple[tuple[float | str, float], ...]


@dataclass(frozen=True)
class QuotedAnswer:
    """One question under attack and its answer.

    Attributes:
        variant: Which variant of the attack.
        question: What was asked, with a prefilled answer's beginning after a bar.
        picture: File name of the picture shown, if any.
        answer: The answer.
        right: Whether it gives the concept away.
        language: BCP 47 code of the question.
    """

    variant: str
    question: str
    picture: str | None
    answer: str
    right: bool
    language: str = "en"


@dataclass(frozen=True)
class Observation:
    """What an attack saw on one model state.

    Attributes:
        outcomes: One per case of the scene, in their order.
        curves: Lines about the concept.
        details: Further numbers about the concept.
        said: Questions and answers about the concept.
    """

    outcomes: tuple[Outcome, ...]
    curves: tuple[Curve, ...] = ()
    details: Mapping[str, float | None] = field(default_factory=dict)
    said: tuple[QuotedAnswer, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What an attack found, with all that it has to be held against.

    Attributes:
        attack: Name of the attack.
        concept: The attack on the unlearned model.
        strangers: The same on pictures of strangers, scored as the concept; for ``relearning`` a new name,
            taught for the concept's pictures.
        retained: The same on matched retained concepts, each with its own name.
        gold: The same on a model that never saw the concept, where there is one.
        curves: Lines about the concept; those of the gold model are named so.
        details: Further numbers about the concept.
        gold_details: The same of the gold model.
        said: Questions and answers of the unlearned model.
        budget: The attack's options.
        seed: Start of its random numbers.
        seconds: What it took.
        gives: ``answer`` if what comes back is an answer, ``trace`` if it is what no answer shows.
        gated: Whether `excess` may weigh in a verdict.
        controls: What `excess` is held against: the first that was measured (docs/reference/attacks.md).
    """

    attack: str
    concept: Outcome
    strangers: Outcome | None
    retained: tuple[Outcome, ...]
    gold: Outcome | None
    curves: tuple[Curve, ...]
    details: Mapping[str, float | None]
    gold_details: Mapping[str, float | None]
    said: tuple[QuotedAnswer, ...]
    budget: Mapping[str, Any]
    seed: int
    seconds: float
    gives: Gives
    gated: bool
    controls: tuple[Control, ...] = ("strangers", "gold")

    @property
    def control(self) -> Control | None:
        """Return which control `excess` is held against; None where none of them was measured."""
        return next((name for name in self.controls if _measured(self._outcome_of(name))), None)

    @property
    def worst(self) -> str | None:
        """Return the variant that gives most away beyond its control; None without variants."""
        beyond = self._beyond_by_variant()
        return max(beyond, key=beyond.__getitem__) if beyond else None

    @property
    def excess(self) -> float | None:
        """Recovery beyond that of the attack's control; None where not measured.

        Where both have variants, each is held against the same one of the control, and the largest difference
        counts: what one wording suggests by itself is no excuse for another. A control's recovery counts as 0
        if it is negative or was not measured.
        """
        recovery = self.concept.recovery
        if recovery is None:
            return None
        beyond = self._beyond_by_variant()
        return max(beyond.values()) if beyond else recovery - self._suggested(None)

    def _beyond_by_variant(self) -> dict[str, float]:
        plain = self.concept.plain
        if plain is None:
            return {}
        rates = self.concept.variants.items()
        return {variant: rate - plain - self._suggested(variant) for variant, rate in rates}

    def _suggested(self, variant: str | None) -> float:
        """Return what the control recovers under a variant of the attack, or under its own worst one."""
        control = self._outcome_of(self.control)
        if control is None or control.plain is None or control.attacked is None:
            return 0.0
        attacked = control.attacked if variant is None else control.variants.get(variant, control.attacked)
        return max(0.0, attacked - control.plain)

    def _outcome_of(self, control: Control | None) -> Outcome | None:
        return None if control is None else self.gold if control == "gold" else self.strangers

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain values, with recovery and excess written out."""
        return {**asdict(self), "recovery": self.concept.recovery, "excess": self.excess}


def finding_from_json(row: Mapping[str, Any]) -> Finding:
    """Return what `Finding.to_json` wrote."""
    values = {key: value for key, value in row.items() if key not in ("recovery", "excess")}
    for key in ("concept", "strangers", "gold"):
        values[key] = values[key] and _outcome(values[key])
    values["retained"] = tuple(map(_outcome, values["retained"]))
    values["curves"] = tuple(_curve(curve) for curve in values["curves"])
    values["said"] = tuple(QuotedAnswer(**answer) for answer in values["said"])
    values["controls"] = tuple(values.get("controls", ("strangers", "gold")))
    return Finding(**values)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return sum(values) / len(values) if values else None


def _outcome(row: Mapping[str, Any]) -> Outcome:
    interval = row["interval"]
    ends = interval and (interval[0], interval[1])
    return Outcome(row["plain"], row["attacked"], ends, row.get("variants", {}))


def _measured(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.recovery is not None


def _curve(row: Mapping[str, Any]) -> Curve:
    return Curve(row["name"], row["x"], tuple((place, score) for place, score in row["points"]))
