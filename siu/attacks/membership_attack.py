"""Membership inference: does the model's likelihood tell the concept's pictures from strangers'?

Members are unseen pictures of the concept, non-members strangers of the same kind, both with the very same
question and answer, "This is <name>.". Most scores are functions of one saved pass over both.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from siu.attacks.attack import Attack, Family
from siu.attacks.likelihoods import Likelihood
from siu.attacks.observation import UNMEASURED, Control, Gives, Interval, Observation, Outcome
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count
from siu.statistics.roc import roc_auc, true_positive_rate, two_sided

CHANCE = 0.5
DRAWS = 1000


class MembershipAttack(Attack):
    """A score of members and non-members.

    An AUC far below 0.5 tells members as well as one far above: the score is the larger of AUC and 1 − AUC.
    How pictures look moves it too: on concepts that a model never saw it lies anywhere around chance.
    """

    family: ClassVar[Family] = "likelihood"
    gives: ClassVar[Gives] = "trace"
    needs_gold: ClassVar[bool] = True
    controls: ClassVar[tuple[Control, ...]] = ("gold",)
    because: ClassVar[str] = "how pictures look moves the likelihood in any model, either way"
    score: ClassVar[str] = "two-sided ROC-AUC of members against matched strangers; plain is 0.5"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 8},
        "standard": {},
        "thorough": {"pictures": 100},
    }

    pictures: Count = 20
    """Members and non-members per case, at most."""

    @abstractmethod
    def scores(self, scene: Scene, index: int) -> tuple[list[float], list[float]]:
        """Return the scores of a case's members and non-members; higher for what the model knows."""

    def run(self, scene: Scene) -> Observation:
        """Score members and non-members of every case but the strangers'."""
        by_case = [
            ([], []) if case.role == "strangers" else self.scores(scene, index)
            for index, case in enumerate(scene.cases)
        ]
        outcomes = tuple(
            Outcome(CHANCE, two_sided(roc_auc(*sides)), auc_interval(*sides, seed=scene.seed))
            if all(sides)
            else UNMEASURED
            for sides in by_case
        )
        return Observation(outcomes, details=_details(*by_case[0]))


class LikelihoodAttack(MembershipAttack):
    """A membership score that is a function of the one saved pass."""

    @abstractmethod
    def member_score(self, likelihood: Likelihood) -> float:
        """Return a score that is higher for what the model knows."""

    def scores(self, scene: Scene, index: int) -> tuple[list[float], list[float]]:
        """Return the scores of a case's members and non-members."""
        members, strangers = scene.likelihoods(index, self.pictures)
        return list(map(self.member_score, members)), list(map(self.member_score, strangers))


def auc_interval(members: list[float], strangers: list[float], *, seed: int) -> Interval | None:
    """Return the 95 % bootstrap interval of the two-sided ROC-AUC; None for fewer than two on a side.

    It holds the larger of AUC and 1 − AUC for every AUC of the bootstrap's interval.
    """
    if min(len(members), len(strangers)) < 2:
        return None
    rng = np.random.default_rng(seed)
    seen, unseen = np.array(members), np.array(strangers)
    wins = (seen[:, None] > unseen) + 0.5 * (seen[:, None] == unseen)
    rows = rng.integers(len(seen), size=(DRAWS, len(seen)))
    columns = rng.integers(len(unseen), size=(DRAWS, len(unseen)))
    drawn = [wins[np.ix_(row, column)].mean() for row, column in zip(rows, columns, strict=True)]
    low, high = map(float, np.quantile(drawn, (0.025, 0.975)))
    sides = (two_sided(low), two_sided(high))
    return (0.5 if low <= 0.5 <= high else min(sides)), max(sides)


def _details(members: list[float], strangers: list[float]) -> dict[str, float | None]:
    if not members or not strangers:
        return {}
    auc = roc_auc(members, strangers)
    if auc < CHANCE:  # whoever attacks turns the score round
        members, strangers = [-score for score in members], [-score for score in strangers]
    return {
        "auc": auc,
        "tpr_at_1_percent_fpr": true_positive_rate(members, strangers, 0.01),
        "tpr_at_5_percent_fpr": true_positive_rate(members, strangers, 0.05),
        "members": float(len(members)),
        "non_members": float(len(strangers)),
    }
