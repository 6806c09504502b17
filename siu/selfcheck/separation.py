"""Does a metric tell a model that knows a concept from one that never saw it?

A metric that can't is noise where forgetting is asked for. Models that know: the base model, and the gold one
on concepts that it was shown. Models that don't: the gold one on concepts that it never saw.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from siu.attacks.from_records import attack_records
from siu.config.params import AttackParams
from siu.mmubench import Records, scorecard
from siu.statistics.roc import roc_auc

DRAWS = 20
WEAK = 0.75
"""A metric that separates worse than this is marked as weak: a threshold of ours, half-way to certainty."""


@dataclass(frozen=True)
class Case:
    """One concept in one model.

    Attributes:
        before: The base model's records.
        after: The model's records of the same questions.
        knows: Whether the model was shown the concept.
    """

    before: Records
    after: Records
    knows: bool


@dataclass(frozen=True)
class Separation:
    """How well one metric tells the two apart.

    Attributes:
        metric: Its name.
        auc: Probability that a model that knows has the higher value; None where it was not measured.
    """

    metric: str
    auc: float | None

    @property
    def strength(self) -> float | None:
        """The AUC in whichever direction is the right one: 0.5 is chance, 1 is certain."""
        return None if self.auc is None else max(self.auc, 1 - self.auc)

    @property
    def weak(self) -> bool:
        """Whether it was measured and is near chance."""
        return self.strength is not None and self.strength < WEAK


def separations(cases: Sequence[Case], params: AttackParams, *, draws: int = DRAWS) -> tuple[Separation, ...]:
    """Return each metric's separation; both kinds of cases are needed.

    The samples are bootstrap draws of a case's pictures. Draws of one case are alike, so an AUC of 1 says
    that these concepts are told apart in these models, not that any would be.

    Args:
        cases: Concepts in models.
        params: How the records are attacked.
        draws: Draws per case.
    """
    values: dict[str, tuple[list[float], list[float]]] = {}
    for number, case in enumerate(cases):
        rng = random.Random(number)
        for _ in range(draws):
            drawn = draw_pictures(case.after, rng)
            for name, value in {**scorecard(case.before, drawn), **attack_records(drawn, params)}.items():
                sides = values.setdefault(name, ([], []))
                if value is not None:
                    sides[not case.knows].append(value)
    return tuple(
        Separation(name, roc_auc(knowing, unknowing) if knowing and unknowing else None)
        for name, (knowing, unknowing) in values.items()
    )


def draw_pictures(records: Records, rng: random.Random) -> Records:
    """Return as many pictures as there are, drawn with replacement, each with all its records.

    A question without a picture is a unit of its own. Keys are new ones: a record may be there twice.
    """
    units: dict[str, Records] = {}
    for key, record in records.items():
        units.setdefault(record.question.picture or key, {})[key] = record
    drawn = rng.choices(list(units.values()), k=len(units))
    return {f"{number}/{key}": record for number, unit in enumerate(drawn) for key, record in unit.items()}
