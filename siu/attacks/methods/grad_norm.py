"""GradNorm: how steep the loss is."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch

from siu.attacks.membership_attack import MembershipAttack
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count
from siu.models import EncodedTurn
from siu.models.engine.forward import WholeRows
from siu.models.engine.reply import answer_labels


class GradNorm(MembershipAttack):
    """GradNorm (arXiv 2402.17012): what a model knows it would hardly change for.

    The gradient is that of the answer's loss by the vocabulary head's input, whole rows, one at a time.
    """

    title: ClassVar[str] = "GradNorm"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"pictures": 100}}

    pictures: Count = 20
    """Members and non-members per case, at most."""

    def scores(self, scene: Scene, index: int) -> tuple[list[float], list[float]]:
        """Return minus the gradient norms of a case's members and non-members."""
        members, strangers = scene.membership_turns(index, self.pictures)
        return [_score(scene, turn) for turn in members], [_score(scene, turn) for turn in strangers]


def _score(scene: Scene, turn: EncodedTurn) -> float:
    """Return minus the norm of the loss's gradient by the last hidden states."""
    with torch.no_grad():
        states = WholeRows(scene.vlm).answer_states([turn])
    with torch.enable_grad():
        states.requires_grad_()
        labels = answer_labels([turn], scene.vlm.device)
        loss = torch.nn.functional.cross_entropy(scene.vlm.logits(states).float(), labels)
        (gradient,) = torch.autograd.grad(loss, states)
    return -float(gradient.norm())
