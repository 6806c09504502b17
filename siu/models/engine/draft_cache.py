"""What a model has said before, as guesses of what it will say."""

from collections.abc import Sequence

LIMIT = 16
"""How many different answers are kept per text."""


class DraftCache:
    """The latest answers to each text, whatever the picture and the model's state.

    A guess that is wrong costs a little time and changes no answer, so nothing has to be dropped when an
    adapter goes on or off.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[int, ...], dict[tuple[int, ...], None]] = {}

    def keep(self, text: tuple[int, ...], answer: Sequence[int]) -> None:
        """Remember an answer, without its end of turn, as the latest one."""
        answers = self._answers.setdefault(text, {})
        answers.pop(tuple(answer), None)
        answers[tuple(answer)] = None
        if len(answers) > LIMIT:
            del answers[next(iter(answers))]

    def guess(self, text: tuple[int, ...], begun: Sequence[int], most: int) -> tuple[int, ...]:
        """Return how the latest answer that begins like this went on, up to so many tokens of it in all."""
        start = tuple(begun)
        for answer in reversed(self._answers.get(text, {})):
            if answer[: len(start)] == start:
                return answer[len(start) : most]
        return ()
