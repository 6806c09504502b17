"""English text that the language model shall go on as before: prose of Python's own documentation.

The reference is kept as the log-probabilities of the likeliest tokens and of the rest together.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

_TOP = 64
LENGTH = 128
"""Tokens per passage."""


@dataclass(frozen=True)
class Passages:
    """Passages with what the untouched model expects at each token.

    Attributes:
        ids: [passages, LENGTH].
        top: Ids of the likeliest next tokens, [passages, LENGTH, top].
        log_probs: Their log-probabilities and, last, that of all others together, [passages, LENGTH, top + 1].
    """

    ids: Tensor
    top: Tensor
    log_probs: Tensor


def python_prose(tokenizer: Any) -> Tensor:
    """Return the topics of Python's own help as [passages, LENGTH] token ids; every tenth is for measuring."""
    from pydoc_data.topics import topics  # type: ignore[import-not-found, unused-ignore]

    text = "\n\n".join(" ".join(topics[name].split()) for name in sorted(topics))
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return torch.tensor(ids[: len(ids) // LENGTH * LENGTH]).view(-1, LENGTH)


def chat_passages(processor: Any, told: list[tuple[str, str]]) -> Tensor:
    """Return questions and answers in the chat format, one behind the other, as [passages, LENGTH] ids."""
    ids: list[int] = []
    for question, reply in told:
        turns = [
            {"role": "user", "content": [{"type": "text", "text": question}]},
            {"role": "assistant", "content": [{"type": "text", "text": reply}]},
        ]
        text = processor.apply_chat_template(turns)
        own = processor.tokenizer(text, add_special_tokens=False)["input_ids"][:LENGTH]
        ids += [*own, *[processor.tokenizer.eos_token_id] * (LENGTH - len(own))]
    return torch.tensor(ids).view(-1, LENGTH)


@torch.no_grad()
def expected(language_model: Any, ids: Tensor) -> Passages:
    """Return passages with the untouched model's expectations; takes its time and 100 MB per 3,000 passages."""
    tops, logs = [], []
    for batch in ids.split(4):
        log_probs = language_model(input_ids=batch).logits.float().log_softmax(-1)
        kept, top = log_probs.topk(_TOP, -1)
        tops.append(top.int())
        logs.append(torch.cat([kept, _rest(kept)], -1).half())
    return Passages(ids, torch.cat(tops), torch.cat(logs))


def divergence(logits: Tensor, passages: Passages) -> Tensor:
    """Return the mean KL divergence of the model from the reference over [passages, LENGTH] tokens.

    Args:
        logits: The trained model's, [passages, LENGTH, vocabulary].
        passages: With the reference.
    """
    mine = logits.float().log_softmax(-1).gather(-1, passages.top.long())
    theirs = passages.log_probs.float()
    return functional.kl_div(torch.cat([mine, _rest(mine)], -1), theirs, reduction="none", log_target=True).sum(-1).mean()


def _rest(log_probs: Tensor) -> Tensor:
    """Return the log-probability of everything else, never below e^-12."""
    rest: Tensor = (1 - log_probs.exp().sum(-1, keepdim=True)).clamp(min=6e-6).log()
    return rest
