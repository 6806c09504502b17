"""What a judge is, and asking it nothing that it has answered before."""

from collections.abc import Callable, Iterable
from typing import Protocol

from siu.mmubench.judge.cache import ReplyCache


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
