"""What there is to say of a metric beside how it is measured: it stands in the metric's own file."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getdoc, signature
from typing import Any, Literal, TypeVar

from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records
from siu.statistics.shares import Interval

Values = Mapping[str, float | None]
"""Metric to value; None means "not measured"."""
Arrow = Literal["↑", "↓", "→ 0.5", ""]
Group = Literal["forgetting", "keeping", "language", "attack"]
Side = Literal["at_least", "at_most"]
Effect = Literal["named", "trace", "damage"]
RECORDS_ALONE = frozenset({"records", "before", "after"})
_ARROW_IN_TEXT = re.compile(r";\s[↑↓]")
Limits = tuple[float, float]
"""The lowest and the highest value that there is."""
SHARE: Limits = (0.0, 1.0)
M = TypeVar("M", bound="Measure")


@dataclass(frozen=True)
class Measured:
    """What a metric may read; its parameters have these names.

    Attributes:
        before: The base model's records.
        after: Records of the state to be scored, of the same questions.
        ratings: A judge's ratings of the answers in ``after`` by question id.
        k: Share of the least likely answer tokens that Min-K% reads.
    """

    before: Records
    after: Records
    ratings: Mapping[str, int] = field(default_factory=dict)
    k: float = 0.4

    @property
    def records(self) -> Records:
        """The records of the state to be scored: what a metric of one state reads."""
        return self.after


@dataclass(frozen=True)
class GateRule:
    """How a metric gates the verdict.

    Attributes:
        param: The key of ``gates`` in ``params.yaml`` that holds the limit.
        side: Whether the limit must be reached, or not exceeded.
        effect: What a broken gate means: the concept is ``named`` on unseen pictures, a ``trace`` of it is
            left, or something else took ``damage``.
        rank: Its place among the reasons of a verdict, from low to high.
        sampled: Whether the metric speaks of pictures that were not asked about, so that a bound is needed.
        optional: Whether it may be unmeasured: not every collection has group pictures, for instance.
        kept: Whether it is about what must stay: a base model that passes is no sign that it tells nothing.
        drop: Whether the metric's fall from before to after is limited, not its value.
    """

    param: str
    side: Side
    effect: Effect
    rank: int
    sampled: bool = True
    optional: bool = False
    kept: bool = False
    drop: bool = False


@dataclass(frozen=True)
class Leak:
    """Which answers speak against a metric, so that one can be quoted.

    Attributes:
        purpose: The questions that it reads; None for all.
        speaks: Whether an answer speaks against it.
    """

    purpose: Purpose | None
    speaks: Callable[[Record], bool]


class Measure(ABC):
    """Something that is measured on records; those with a `definition` are metrics of every scorecard.

    Attributes:
        definition: What there is to say of it (`defined`).
        limits: The lowest and the highest value there is; None where it has none.
    """

    __name__: str
    definition: "Definition | None" = None
    limits: Limits | None = SHARE

    @abstractmethod
    def __call__(self, *of: Any) -> float | None:
        """Return the value; None (not measured) where no record counts."""

    @abstractmethod
    def interval(self, *of: Any) -> Interval | None:
        """Return the 95 % interval; None where there is none."""

    @abstractmethod
    def units(self, *of: Any) -> int | None:
        """Return on how many independent units it is measured; None where it isn't counted in units."""


@dataclass(frozen=True)
class Definition:
    """A metric with all that scorecards, gates, tables and documentation must know of it.

    Attributes:
        name: Its key in scorecards.
        measure: What measures it.
        label: Its short name for people.
        meaning: What it says, in a few words.
        arrow: Which way is better; empty where neither is.
        order: Its place in every table, from low to high.
        group: What it tells of: forgetting, keeping, the language of answers, or an attack on the records.
        unit: What its value is counted in.
        gate: How it gates the verdict; None if it doesn't.
        leak: Which answers can be quoted against it; None if none can.
        is_brief: Whether it is in the short table of the command line.
        is_shown: Whether it is in the tables of reports.
    """

    name: str
    measure: Measure
    label: str
    meaning: str
    arrow: Arrow
    order: int
    group: Group
    unit: str
    gate: GateRule | None
    leak: Leak | None
    is_brief: bool
    is_shown: bool

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The attributes of `Measured` that it reads: the names of its parameters."""
        return tuple(signature(self.measure).parameters)

    @property
    def limits(self) -> Limits | None:
        """The lowest and the highest value there is; None where it has none."""
        return self.measure.limits

    @property
    def text(self) -> str:
        """The definition in full, as documentation shows it."""
        return _ARROW_IN_TEXT.sub("", " ".join((getdoc(self.measure) or "").split()))

    def value(self, measured: Measured) -> float | None:
        """Return the metric; None where it was not measured."""
        return self.measure(*self._arguments(measured))

    def interval(self, measured: Measured) -> Interval | None:
        """Return its 95 % interval; None where there is none."""
        return self.measure.interval(*self._arguments(measured))

    def units(self, measured: Measured) -> int | None:
        """Return the number of independent units behind it; None where it isn't counted in units."""
        return self.measure.units(*self._arguments(measured))

    def _arguments(self, measured: Measured) -> Sequence[object]:
        return [getattr(measured, name) for name in self.reads]


def defined(
    label: str,
    meaning: str,
    arrow: Arrow,
    *,
    order: int,
    group: Group,
    unit: str = "share",
    gate: GateRule | None = None,
    leak: Leak | None = None,
    is_brief: bool = False,
    is_shown: bool = True,
) -> Callable[[M], M]:
    """Make a measure a metric of every scorecard; the arguments are those of `Definition`.

    The measure's name is the metric's, its docstring the definition in the documentation, its parameters are
    what it reads (`Measured`).
    """

    def define(measure: M) -> M:
        measure.definition = Definition(
            measure.__name__,
            measure,
            label,
            meaning,
            arrow,
            order,
            group,
            unit,
            gate,
            leak,
            is_brief,
            is_shown,
        )
        return measure

    return define
