"""A judge on this machine: a model that `siu.models` can load."""

from collections.abc import Callable

from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate


class LocalJudge:
    """Asks a loaded model, without a picture.

    Args:
        vlm: The model that judges; never the one that is judged, which would rate itself.
        batch_size: Prompts answered at the same time.
        max_tokens: Where a reply is cut.
    """

    def __init__(self, vlm: VisionLanguageModel, batch_size: int, max_tokens: int) -> None:
        self._vlm, self._batch_size, self._max_tokens = vlm, batch_size, max_tokens

    @property
    def identity(self) -> str:
        """The digest of the model's files and the longest reply."""
        return f"{self._vlm.digest}, at most {self._max_tokens} tokens"

    def ask(self, prompts: list[str], on_reply: Callable[[int, str], None]) -> None:
        """Answer all prompts in batches."""
        encoder = TurnEncoder(self._vlm)
        turns = [encoder.encode(Turn(prompt)) for prompt in prompts]
        replies = generate(self._vlm, turns, max_new_tokens=self._max_tokens, batch_size=self._batch_size)
        for index, reply in enumerate(replies):
            on_reply(index, reply)
