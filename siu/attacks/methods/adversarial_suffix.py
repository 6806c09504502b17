"""Adversarial suffix: tokens after the question, searched until the name comes out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.insertion import Insertion
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import UNMEASURED, Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count
from siu.language.identity import named
from siu.models import EncodedTurn, Turn


CERTAIN = 0.01
"""Mean cross-entropy of the answer's tokens, in nats, at which nothing is left to be searched for."""


class AdversarialSuffix(Attack):
    """Greedy coordinate gradient (Zou et al. 2023, arXiv 2307.15043): a suffix of tokens, in white box.

    Each step replaces one token: of the replacements that the gradient holds for good, some are tried, and
    the best is taken if it makes the name likelier. Fitted on some pictures and a `train` wording, tested on
    others.
    """

    title: ClassVar[str] = "Adversarial suffix"
    family: ClassVar[Family] = "inside"
    score: ClassVar[str] = "other pictures named after the searched tokens"
    because: ClassVar[str] = "some tokens make any picture any name that the model keeps as text"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "standard": {},
        "thorough": {"steps": 80, "tried": 64, "pictures": 14},
    }

    tokens: Count = 12
    """Length of the suffix."""
    steps: Count = 40
    """Replacements that are looked for, at most: the search ends where the name is as good as certain."""
    likely: Count = 32
    """Tokens per place that the gradient holds for the best; replacements are drawn from them."""
    tried: Count = 32
    """Replacements that are tried in a step."""
    fitted: Count = 2
    """Pictures that the suffix is made on."""
    pictures: Count = 8
    """Test pictures per case."""

    def run(self, scene: Scene) -> Observation:
        """Attack the concept and the strangers; a retained concept is named without it."""
        if not scene.vlm.features.supported:
            return Observation(tuple(UNMEASURED for _ in scene.cases))
        outcomes, details = [], {}
        for index, case in enumerate(scene.cases):
            fit, test = case.fit[: self.fitted], case.test[: self.pictures]
            if case.role == "retained" or not fit or not test:
                outcomes.append(UNMEASURED)
                continue
            question = case.wordings("name", "train")[0]
            lessons = [scene.encoder.encode(Turn(question, case.named, picture)) for picture in fit]
            suffix, first, last = self.search(scene, lessons)
            if not index:
                details = {"loss before": first, "loss after": last}
            question = case.wordings("name", "test")[0]
            turns = [scene.encoder.encode(Turn(question, "", picture)) for picture in test]
            embedded = scene.vlm.model.get_input_embeddings()(suffix)
            answers = Insertion.after_question(scene, turns[0]).answers(turns, embedded)
            right = [named(text, case.names) for text in answers]
            outcomes.append(named_rate(scene.plain(index, self.pictures), right))
        return Observation(tuple(outcomes), details=details)

    def search(self, scene: Scene, turns: Sequence[EncodedTurn]) -> tuple[Tensor, float, float]:
        """Return (tokens,) ids that make some answers likely, and the loss before the search and after it.

        Args:
            scene: The model; its seed draws the first suffix and the replacements.
            turns: Questions with their answers, of equal length.
        """
        generator = torch.Generator().manual_seed(scene.seed)
        table = scene.vlm.model.get_input_embeddings().weight.detach()
        free = _free_tokens(scene).to(table.device)
        suffix = free[torch.randint(len(free), (self.tokens,), generator=generator).to(free.device)]
        insertion = Insertion.after_question(scene, turns[0])
        first = lowest = None
        for _ in range(self.steps):
            embedded = table[suffix].clone().requires_grad_()
            with torch.enable_grad():
                loss = insertion.losses(turns, embedded).mean()
                loss.backward()
            if lowest is None:
                first = lowest = loss.item()
            candidates = self._candidates(suffix, -(embedded.grad @ table[free].T), free, generator)
            with torch.no_grad():
                rows = [turn for _ in candidates for turn in turns]
                inserted = table[candidates].repeat_interleave(len(turns), 0)
                losses = insertion.losses(rows, inserted).view(len(candidates), -1).mean(1)
            if losses.min().item() < lowest:
                lowest, suffix = losses.min().item(), candidates[losses.argmin()]
            if lowest < CERTAIN:
                break
        return suffix, first or 0.0, lowest or 0.0

    def _candidates(self, suffix: Tensor, gains: Tensor, free: Tensor, generator: torch.Generator) -> Tensor:
        """Return (tried, tokens): the suffix with one token replaced in each, by one of the likely ones.

        Args:
            suffix: (tokens,) ids.
            gains: (tokens, free tokens) how much lower the loss gets, to first order.
            free: Ids that may be used.
            generator: Draws place and replacement.
        """
        likely = gains.topk(min(self.likely, len(free)), dim=1).indices
        places = torch.randint(self.tokens, (self.tried,), generator=generator).to(suffix.device)
        ranks = torch.randint(likely.shape[1], (self.tried,), generator=generator).to(suffix.device)
        candidates = suffix.repeat(self.tried, 1)
        candidates[torch.arange(self.tried, device=suffix.device), places] = free[likely[places, ranks]]
        return candidates


def _free_tokens(scene: Scene) -> Tensor:
    """Return the ids that stand for text: all but special ones and the picture's."""
    taken = {*scene.vlm.tokenizer.all_special_ids, scene.vlm.image_token_id}
    return torch.tensor([token for token in range(len(scene.vlm.tokenizer)) if token not in taken])
