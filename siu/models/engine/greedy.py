"""Greedy decoding after a cache that holds each row's prefix; guesses of the answer are checked first.

Where a guess is what greedy decoding would have said, it costs one forward pass (Leviathan et al., arXiv
2211.17192, with given texts in the small model's place). The first guess is the turn's own answer: the same
pass gives its log-probabilities. The second is how an earlier answer to the same text went on. There is no
third: wrong guesses cost a row twice its tokens at most.
"""

from collections.abc import Sequence
from itertools import chain, repeat

import torch
from torch import Tensor
from transformers import DynamicCache

from siu.models.engine.forward import pad
from siu.models.engine.reply import Reply
from siu.models.vision_language_model import VisionLanguageModel

Ids = tuple[int, ...]


def reply(
    vlm: VisionLanguageModel,
    texts: Sequence[Ids],
    drafts: Sequence[Ids],
    cache: DynamicCache,
    positions: Tensor,
    max_new_tokens: int,
) -> list[Reply]:
    """Continue every row with its likeliest token until its end of turn.

    Args:
        vlm: The model in the state to be asked.
        texts: What stands between prefix and answer: B rows of token ids, none empty.
        drafts: First guesses of the answers; empty where there is none. Any draft gives the same answer.
        cache: The prefixes' keys and values, B rows; it grows.
        positions: (B, 1) or (3, B, 1), the position of each text's first token.
        max_new_tokens: Longest answer.
    """
    rows = Rows(vlm, cache, positions, len(texts))
    # scores are rounded by the batch's width, which must not depend on what was asked before
    first = drafts if any(drafts) else [vlm.drafts.guess(text, (), max_new_tokens) for text in texts]
    logits = rows.feed(texts, first)
    scores = _log_probs(logits, drafts) if any(drafts) else [[] for _ in drafts]
    replies = [Reply([], score) for score in scores]
    agreed = rows.agree(logits, texts, first)
    ends, running = end_ids(vlm), list(range(len(replies)))
    ended = set[int]()
    for guessing in chain([True], repeat(False)):
        for row, tokens in zip(running, agreed, strict=True):
            if row not in ended and _extend(replies[row].ids, tokens, ends, max_new_tokens):
                ended.add(row)
                vlm.drafts.keep(texts[row], replies[row].ids)
        going = [at for at, row in enumerate(running) if row not in ended]
        if not going:
            break
        if 2 * len(going) <= len(running):
            rows.keep(going)
            running, agreed = [running[at] for at in going], [agreed[at] for at in going]
        last = [tokens[-1:] for tokens in agreed]
        guesses = [
            vlm.drafts.guess(texts[row], replies[row].ids, max_new_tokens)
            if guessing and row not in ended
            else ()
            for row in running
        ]
        agreed = rows.agree(rows.feed(last, guesses), last, guesses)
    return replies


def _extend(ids: list[int], tokens: Ids, ends: set[int], most: int) -> bool:
    """Append what was said; return whether that was the end."""
    for token in tokens:
        if token not in ends:
            ids.append(token)
        if token in ends or len(ids) == most:
            return True
    return False


class Rows:
    """Rows of a cache in which some places are holes: what was guessed wrongly, and padding."""

    def __init__(self, vlm: VisionLanguageModel, cache: DynamicCache, positions: Tensor, rows: int) -> None:
        self._vlm, self._cache, self._positions = vlm, cache, positions
        self._mask = torch.ones(rows, cache.get_seq_length(), dtype=torch.long, device=vlm.device)
        self._steps = torch.arange(0)

    def feed(self, texts: Sequence[Ids], guesses: Sequence[Ids]) -> Tensor:
        """Run texts and guesses; return the logits after each text and each token of its guess."""
        rows = [(*text, *guess) for text, guess in zip(texts, guesses, strict=True)]
        ids, mask = pad(rows, side="right", device=self._vlm.device)
        self._steps = torch.arange(ids.shape[1], device=ids.device)
        hidden: Tensor = self._vlm.model.model(
            input_ids=ids,
            attention_mask=torch.cat([self._mask, mask], dim=1),
            position_ids=self._positions + self._steps,
            past_key_values=self._cache,
            use_cache=True,
        ).last_hidden_state
        which = [row for row, guess in enumerate(guesses) for _ in range(len(guess) + 1)]
        places = [
            len(text) - 1 + at
            for text, guess in zip(texts, guesses, strict=True)
            for at in range(len(guess) + 1)
        ]
        return self._vlm.logits(hidden[which, places])

    def agree(self, logits: Tensor, texts: Sequence[Ids], guesses: Sequence[Ids]) -> list[Ids]:
        """Return what greedy decoding says: the right part of each guess and the token after it.

        The wrong parts of the guesses become holes.
        """
        likeliest = logits.argmax(dim=-1).tolist()
        agreed, known, start = list[Ids](), list[int](), 0
        for text, guess in zip(texts, guesses, strict=True):
            next_ids = likeliest[start : start + len(guess) + 1]
            right = 0
            while right < len(guess) and guess[right] == next_ids[right]:
                right += 1
            agreed.append(tuple(next_ids[: right + 1]))
            known.append(len(text) + right)
            start += len(guess) + 1
        self.accept(known)
        return agreed

    def accept(self, known: Sequence[int]) -> None:
        """Take this many tokens of each row that was run last for said; those after them become holes."""
        seen = torch.tensor(known, device=self._mask.device)[:, None]
        self._mask = torch.cat([self._mask, (self._steps < seen).to(self._mask)], dim=1)
        self._positions = self._positions + seen

    def keep(self, rows: list[int]) -> None:
        """Keep these rows only."""
        index = torch.tensor(rows, device=self._mask.device)
        self._mask, self._positions = self._mask[index], self._positions[..., index, :]
        self._cache.batch_select_indices(index)


def _log_probs(logits: Tensor, drafts: Sequence[Ids]) -> list[list[float]]:
    """Return the log-probability of each token of each draft."""
    guesses = torch.tensor([token for draft in drafts for token in (*draft, 0)], device=logits.device)
    scores = torch.log_softmax(logits.float(), dim=-1).gather(1, guesses[:, None])[:, 0]
    rows = scores.split([len(draft) + 1 for draft in drafts])
    return [row[:-1].tolist() for row in rows]


def end_ids(vlm: VisionLanguageModel) -> set[int]:
    """Return the ids of the tokens that end an answer."""
    ends = vlm.model.generation_config.eos_token_id
    return set(ends) if isinstance(ends, list) else {ends}
