"""Answers drawn token by token after a cache that holds each row's prefix.

Shapes: B rows, T longest answer.
"""

from collections.abc import Sequence

from torch import Tensor
from transformers import DynamicCache

from siu.models.engine.draws import drawn_tokens
from siu.models.engine.greedy import Ids, Rows, end_ids
from siu.models.vision_language_model import VisionLanguageModel


def drawn_answers(
    vlm: VisionLanguageModel,
    texts: Sequence[Ids],
    cache: DynamicCache,
    positions: Tensor,
    uniforms: Tensor,
    temperature: float,
) -> list[list[int]]:
    """Continue every row with drawn tokens until its end of turn; return their ids.

    Args:
        vlm: The model in the state to be asked.
        texts: What stands between prefix and answer: B rows of token ids, none empty.
        cache: The prefixes' keys and values, B rows; it grows.
        positions: (B, 1) or (3, B, 1), the position of each text's first token.
        uniforms: (B, T) numbers from 0 on and below 1.
        temperature: What logits are divided by; above 0.
    """
    rows, ends = Rows(vlm, cache, positions, len(texts)), end_ids(vlm)
    answers: list[list[int]] = [[] for _ in texts]
    running, last, ended = list(range(len(texts))), list(texts), set[int]()
    for step in range(uniforms.shape[1]):
        logits = rows.feed(last, [()] * len(last))
        rows.accept([len(text) for text in last])
        tokens = drawn_tokens(logits, uniforms[running, step], temperature).tolist()
        for row, token in zip(running, tokens, strict=True):
            if token in ends:
                ended.add(row)
            elif row not in ended:
                answers[row].append(token)
        last = [(token,) for token in tokens]
        going = [at for at, row in enumerate(running) if row not in ended]
        if not going:
            break
        if 2 * len(going) <= len(running):
            rows.keep(going)
            running, last = [running[at] for at in going], [last[at] for at in going]
    return answers
