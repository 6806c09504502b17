"""A study as data: which methods are compared, on which concepts, with which seeds, on which budget."""

import difflib
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from siu.attacks.registry import attack_names
from siu.comparison.measures import ATTACKED, BEYOND, MEASURES, TWO_SIDED
from siu.config.params import Count, Section

MethodName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}$")]
ConceptId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Concepts = Count | Annotated[tuple[ConceptId, ...], Field(min_length=1)]

SETTABLE = ("unlearning", "finetuning_data")
"""Sections of params.yaml that a method may change; all else is equal for all methods."""


class Method(Section):
    """One method: what it changes in the workspace's parameters."""

    set: dict[str, Any] = Field(default_factory=dict)
    """Dotted keys of params.yaml with their values, such as ``unlearning.objective: npo``; ``preset: paper``
    gives all keys of both sections the values of a preset, under those that stand beside it."""
    strength: Annotated[float, Field(gt=0)] = 1.0
    """Factor on the learning rate, also on a tuned one; no rate is above 1."""
    line: str | None = None
    """Variants with the same line are joined on the frontier; the method's own name if null."""


class Study(Section):
    """Methods × concepts × seeds on equal budgets."""

    title: str = ""
    """One sentence for the page."""
    methods: Annotated[dict[MethodName, Method], Field(min_length=1)]
    """What is compared, in the order of the table."""
    reference: str = "siu"
    """The method that the others' differences are taken against."""
    primary: str | None = None
    """The measure that the study is about, chosen before it is run, such as ``loss_of_others``: its
    differences are tested, all others are exploratory. Null tests none."""
    concepts: Concepts = 8
    """Ids of the concepts that are forgotten, each alone; or how many, drawn by kind in turn."""
    tuning: dict[str, Any] | None = None
    """What differs from unlearning.tuning of params.yaml, such as ``lr_factors: [0.1, 1]``: the tries that
    every method has to find its rate and steps. Null tunes none."""
    tuning_concepts: Concepts = 2
    """Ids of the concepts that are tuned on, or how many; they are never measured."""
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] = (0, 1, 2)
    """Seeds of the runs; a seed also decides which training picture is the one that is given."""
    evaluation: dict[str, Any] = Field(default_factory=dict)
    """What differs from the evaluation section of params.yaml, such as ``pictures: 10``."""
    attacks: dict[str, Any] | None = None
    """What differs from the attacks section of params.yaml, such as ``only: [relearning]``: every run is
    attacked so. Null makes no attacks."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reference not in self.methods:
            raise ValueError(f"reference {self.reference!r} is no method here; name one of the methods")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed is named twice; name each once")
        if self.primary is not None and self.primary not in self._measures():
            near = difflib.get_close_matches(self.primary, self._measures(), n=1)
            remedy = f"did you mean {near[0]}" if near else "name a measure of table.csv"
            raise ValueError(f"primary {self.primary!r} is not measured here; {remedy}")
        return self

    def _measures(self) -> tuple[str, ...]:
        attacks = () if self.attacks is None else self.attacks.get("only") or attack_names()
        attacked = (f"{prefix}{attack}" for attack in attacks for prefix in (ATTACKED, TWO_SIDED, BEYOND))
        return (*(measure.key for measure in MEASURES), *attacked)

    def line(self, method: str) -> str:
        """Return the line of the frontier that a method belongs to."""
        return self.methods[method].line or method
