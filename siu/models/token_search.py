"""Tokens after a question, searched until some answers are likely: greedy coordinate gradient.

Zou et al. 2023, arXiv 2307.15043. A step replaces one token: of the replacements that the gradient holds for
the best, some are tried, and the likeliest answers decide.

Shapes: K tokens of a suffix, C candidates, F tokens that may be used, D size of an embedding.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from siu.models.engine.forward import WholeRows
from siu.models.engine.reply import answer_labels
from siu.models.engine.scoring import token_log_probs
from siu.models.turns import EncodedTurn, Turn, TurnEncoder
from siu.models.vision_language_model import VisionLanguageModel

LIKELY = 32
"""Tokens per place that the gradient holds for the best; replacements are drawn from them."""


@dataclass(frozen=True)
class Suffix:
    """Tokens after a question, and the answers' mean cross-entropy with them, in nats per token."""

    ids: tuple[int, ...]
    loss: float


class TokenSearch:
    """Searches suffixes on a model in the state that it is in.

    Args:
        vlm: The model.
        tried: Replacements that are tried in a step.
        seed: Draws first suffixes and replacements.
        batch_size: Rows per forward pass.
    """

    def __init__(self, vlm: VisionLanguageModel, *, tried: int, seed: int, batch_size: int) -> None:
        self._vlm, self._tried, self._batch_size = vlm, tried, batch_size
        self._encoder = TurnEncoder(vlm)
        self._closing: dict[bool, int] = {}
        self._generator = torch.Generator().manual_seed(seed)
        taken = {*vlm.tokenizer.all_special_ids, vlm.image_token_id}
        self._free = torch.tensor([token for token in range(len(vlm.tokenizer)) if token not in taken])

    def drawn(self, count: int) -> tuple[int, ...]:
        """Return ``count`` tokens drawn at random, none of them special."""
        places = torch.randint(len(self._free), (count,), generator=self._generator)
        return tuple(self._free[places].tolist())

    def measured(self, ids: tuple[int, ...], turns: Sequence[EncodedTurn]) -> Suffix:
        """Return a suffix with its loss on some turns, as the model is now."""
        return Suffix(ids, self._losses(turns, [ids])[0])

    def improved(self, suffix: Suffix, turns: Sequence[EncodedTurn]) -> Suffix:
        """Return the suffix with one token replaced, or as it is if nothing that was tried is better.

        Args:
            suffix: What was reached so far, on the same turns.
            turns: Questions with the answers that shall be likely.
        """
        candidates = self._candidates(suffix.ids, self._gains(suffix.ids, turns))
        losses = self._losses(turns, candidates)
        best = min(range(len(losses)), key=losses.__getitem__)
        return Suffix(candidates[best], losses[best]) if losses[best] < suffix.loss else suffix

    def inserted(self, turn: EncodedTurn, ids: Sequence[int]) -> EncodedTurn:
        """Return a turn with tokens between its question and what the chat template ends the prompt with."""
        at = len(turn.prompt_ids) - self._closing_tokens(turn.picture)
        return replace(turn, prompt_ids=(*turn.prompt_ids[:at], *ids, *turn.prompt_ids[at:]))

    def _closing_tokens(self, picture: Path | None) -> int:
        """Return how many tokens stand after the question: those that prompts of two questions end with."""
        shown = picture is not None
        if shown not in self._closing:
            prompts = (self._encoder.encode(Turn(text, "", picture)).prompt_ids for text in ("a", "7"))
            pairs = zip(*(reversed(prompt) for prompt in prompts), strict=False)
            alike = (count for count, (first, second) in enumerate(pairs) if first != second)
            self._closing[shown] = next(alike, 0)
        return self._closing[shown]

    def _losses(self, turns: Sequence[EncodedTurn], suffixes: Sequence[tuple[int, ...]]) -> list[float]:
        """Return the mean over turns of the answers' mean cross-entropy, for each suffix."""
        rows = [self.inserted(turn, ids) for ids in suffixes for turn in turns]
        with torch.no_grad():
            scores = token_log_probs(self._vlm, rows, batch_size=self._batch_size)
        means = [-sum(score) / len(score) for score in scores]
        count = len(turns)
        return [sum(means[at : at + count]) / count for at in range(0, len(means), count)]

    def _gains(self, ids: tuple[int, ...], turns: Sequence[EncodedTurn]) -> Tensor:
        """Return (K, F): by how much each free token would lower the loss in each place, to first order."""
        rows = [self.inserted(turn, ids) for turn in turns]
        embeddings = self._vlm.model.get_input_embeddings()
        with torch.enable_grad(), _watched(embeddings) as outputs:
            logits = self._vlm.logits(WholeRows(self._vlm).answer_states(rows))
            loss = F.cross_entropy(logits.float(), answer_labels(rows, self._vlm.device))
            (gradient,) = torch.autograd.grad(loss, outputs[0])
        parts = []
        for row, turn in enumerate(rows):
            end = len(turn.prompt_ids) - self._closing_tokens(turn.picture)
            parts.append(gradient[row, end - len(ids) : end])
        table = embeddings.weight.detach()[self._free.to(embeddings.weight.device)]
        gains: Tensor = -(torch.stack(parts).sum(0).to(table) @ table.T)
        return gains.cpu()

    def _candidates(self, ids: tuple[int, ...], gains: Tensor) -> list[tuple[int, ...]]:
        """Return suffixes with one token replaced in each, by one of the likely ones."""
        likely = gains.topk(min(LIKELY, gains.shape[1]), dim=1).indices
        places = torch.randint(len(ids), (self._tried,), generator=self._generator).tolist()
        ranks = torch.randint(likely.shape[1], (self._tried,), generator=self._generator).tolist()
        candidates = []
        for place, rank in zip(places, ranks, strict=True):
            replacement = int(self._free[likely[place, rank]])
            candidates.append((*ids[:place], replacement, *ids[place + 1 :]))
        return candidates


@contextmanager
def _watched(embeddings: nn.Module) -> Iterator[list[Tensor]]:
    """Note what the embeddings give, as leaves that a gradient can be taken of."""
    outputs: list[Tensor] = []

    def note(_: nn.Module, __: Any, output: Tensor) -> Tensor:
        outputs.append(output.detach().requires_grad_())
        return outputs[-1].clone()

    handle = embeddings.register_forward_hook(note)
    try:
        yield outputs
    finally:
        handle.remove()
