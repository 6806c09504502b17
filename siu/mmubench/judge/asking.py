"""What a judge is, and asking it nothing that it has answered before."""

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from siu.errors import ModelError
from siu.mmubench.judge.cache import ReplyCache

LEAST_READABLE = 0.5
"""Share of a judge's replies that must hold what was asked for; the others are left out."""


class Judge(Protocol):
    """Answers prompts.

    Attributes:
        identity: What decides its replies; part of the cache's key.
    """

    @property
    def identity(self) -> str:
        """Names the judge: model, the endpoint's address, and where replies are cut."""
        ...

    def ask(self, prompts: list[str], on_reply: Callable[[int, str], None]) -> None:
        """Answer each prompt; each reply is handed over as soon as it is there, with the prompt's index."""
        ...


def replies(prompts: Iterable[str], judge: Judge, cache: ReplyCache) -> dict[str, str]:
    """Return the reply to each prompt; only those are asked whose reply isn't kept.

    Args:
        prompts: What is asked; equal ones are asked once.
        judge: Who answers.
        cache: Replies that are there already; new ones are added.
    """
    keys = {prompt: cache.key(judge.identity, prompt) for prompt in prompts}
    missing = [prompt for prompt, key in keys.items() if cache.get(key) is None]
    if missing:
        judge.ask(missing, lambda index, reply: cache.put(keys[missing[index]], reply))
    return {prompt: cache.get(key) or "" for prompt, key in keys.items()}


def refuse_unreadable(readings: Collection[float | None], what: str, remedy: str, judge: Judge) -> None:
    """Refuse a judge whose replies seldom hold what was asked for.

    Args:
        readings: What was read in each reply; None where it isn't there.
        what: What was asked for.
        remedy: What the user can do.
        judge: Who replied.

    Raises:
        ModelError: ``E-JDG-004`` fewer than half of the replies hold it.
    """
    if sum(reading is not None for reading in readings) < LEAST_READABLE * len(readings):
        raise ModelError(
            "E-JDG-004", f"fewer than half of the judge's replies hold {what}", remedy, judge.identity
        )
