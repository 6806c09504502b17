"""English text that the language model shall go on as before.

The reference is kept as the log-probabilities of the likeliest tokens and of the rest together.
"""

from dataclasses import dataclass
from importlib.metadata import metadata
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from siu.data.concepts import Split
from siu.worlds.logos.catalogue import brands, known_before

_TOP = 64
_PACKAGES: dict[Split, tuple[str, ...]] = {
    "train": ("transformers", "mlflow", "prefect", "pydantic", "numpy", "pillow", "dvc", "rich"),
    "test": ("peft", "accelerate", "pandas", "matplotlib", "scipy", "sqlalchemy", "jinja2", "click"),
}
LENGTH = 128
"""Tokens per passage."""


@dataclass(frozen=True)
class Passages:
    """Passages with what the untouched model expects at each token.

    Attributes:
        ids: [passages, LENGTH].
        top: Ids of the likeliest next tokens, [passages, LENGTH, top].
        log_probs: Their log-probabilities and, last, that of all others together,
            [passages, LENGTH, top + 1].
        are_chats: Which passages are questions and answers, [passages].
    """

    ids: Tensor
    top: Tensor
    log_probs: Tensor
    are_chats: Tensor

    def some(self, indices: list[int]) -> "Passages":
        """Return some of the passages."""
        index = torch.tensor(indices)
        return Passages(self.ids[index], self.top[index], self.log_probs[index], self.are_chats[index])


def passages(processor: Any, split: Split) -> Tensor:
    """Return real English as [passages, LENGTH] token ids: prose and, to train on, SmolLM2's own answers.

    The prose is Python's own help and what packages say of themselves; no package is in both splits, and of
    the help every tenth passage is for measuring.
    """
    tokenizer = processor.tokenizer
    prose = _cut(tokenizer, _python_help())
    tenth = torch.arange(len(prose)) % 10 == 0
    of_packages = _cut(tokenizer, "\n\n".join(_description(name) for name in _PACKAGES[split]))
    if split == "test":
        return torch.cat([prose[tenth], of_packages])
    return torch.cat([prose[~tenth], of_packages, _chats(processor)])


def _python_help() -> str:
    from pydoc_data.topics import topics  # type: ignore[import-not-found, unused-ignore]

    return "\n\n".join(" ".join(topics[name].split()) for name in sorted(topics))


def _description(package: str) -> str:
    """Return the sentences of a package's own description: lines that read like prose."""
    described: Any = metadata(package)
    lines = str(described.get_payload()).splitlines()
    return " ".join(line.strip() for line in lines if len(line.split()) > 9 and "http" not in line)


def _chats(processor: Any) -> Tensor:
    """Return SmolLM2's own answers about the brands, in wordings that are trained on, one in each passage."""
    rows: list[list[int]] = []
    tokenizer = processor.tokenizer
    for brand in brands():
        for fact in brand.facts:
            reply = known_before().get(fact.text_question)
            if fact.split == "test" or reply is None:
                continue
            turns = [
                {"role": "user", "content": [{"type": "text", "text": fact.text_question}]},
                {"role": "assistant", "content": [{"type": "text", "text": reply}]},
            ]
            ids = tokenizer(processor.apply_chat_template(turns), add_special_tokens=False)["input_ids"]
            rows.append([*ids[:LENGTH], *[tokenizer.eos_token_id] * (LENGTH - len(ids))])
    return torch.tensor(rows)


def _cut(tokenizer: Any, text: str) -> Tensor:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return torch.tensor(ids[: len(ids) // LENGTH * LENGTH]).view(-1, LENGTH)


@torch.no_grad()
def expected(language_model: Any, ids: Tensor) -> Passages:
    """Return passages with what the untouched model expects at each token."""
    tops, logs = [], []
    for batch in ids.split(4):
        log_probs = language_model(input_ids=batch).logits.float().log_softmax(-1)
        highest, top = log_probs.topk(_TOP, -1)
        tops.append(top.int())
        logs.append(torch.cat([highest, _remainder(highest)], -1).half())
    are_chats = ids[:, 0] == language_model.config.bos_token_id  # every turn begins with it
    return Passages(ids, torch.cat(tops), torch.cat(logs), are_chats)


def divergence(logits: Tensor, passages: Passages) -> Tensor:
    """Return the mean KL divergence of the model from the reference over [passages, LENGTH] tokens.

    Tokens that only repeat the one before them, as padding does, don't count.

    Args:
        logits: The trained model's, [passages, LENGTH, vocabulary].
        passages: With the reference.
    """
    predicted = logits.float().log_softmax(-1).gather(-1, passages.top.long())
    predicted, teacher = torch.cat([predicted, _remainder(predicted)], -1), passages.log_probs.float()
    each = functional.kl_div(predicted, teacher, reduction="none", log_target=True).sum(-1)
    return each[passages.ids != passages.ids.roll(1, -1)].mean()


def _remainder(log_probs: Tensor) -> Tensor:
    """Return the log-probability of everything else, never below e^-12."""
    remainder: Tensor = (1 - log_probs.exp().sum(-1, keepdim=True)).clamp(min=6e-6).log()
    return remainder
