"""Texts that were encoded once, by what decides their token ids."""

from dataclasses import dataclass, field

PromptKey = tuple[str, tuple[int, int] | None]
"""Question, and width and height of the picture."""
AnswerKey = tuple[str, str, bool]
"""Question, answer, and whether there is no picture."""


@dataclass(frozen=True)
class Encodings:
    """Encoded prompts and answers of one model's processor.

    Attributes:
        prompts: Text and token ids up to where the answer begins.
        answers: Token ids of an answer, and each one's character range in it.
    """

    prompts: dict[PromptKey, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    answers: dict[AnswerKey, tuple[tuple[int, ...], tuple[tuple[int, int], ...]]] = field(
        default_factory=dict
    )
