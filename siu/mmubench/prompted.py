"""Greedy answers of a model state to prompts that come with at most one picture each."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from siu.config.params import EvaluationParams
from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate, loaded_adapter


class Prompted(Protocol):
    """What is asked."""

    @property
    def prompt(self) -> str:
        """The text."""
        ...

    @property
    def picture(self) -> Path | None:
        """The picture shown, if any."""
        ...


def prompted_answers(
    vlm: VisionLanguageModel,
    adapter: Path | None,
    items: Sequence[Prompted],
    params: EvaluationParams,
    on_done: Callable[[int], None],
) -> list[str]:
    """Return the answer to each prompt.

    Args:
        vlm: The base model.
        adapter: The adapter's folder; None for the base model itself.
        items: What is asked.
        params: Batch size and longest answer.
        on_done: Called with the number of prompts answered by each batch.

    Raises:
        ModelError: The folder holds no adapter that fits.
    """
    encoder = TurnEncoder(vlm)
    turns = [encoder.encode(Turn(item.prompt, picture=item.picture)) for item in items]
    with loaded_adapter(vlm, adapter):
        return generate(
            vlm,
            turns,
            max_new_tokens=params.max_new_tokens,
            batch_size=params.batch_size,
            on_done=on_done,
        )
