"""Lines that a chat model writes, such as questions: one a line, whatever it puts before and after them."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from siu.mmubench.judge.asking import Judge, replies
from siu.mmubench.judge.cache import ReplyCache

Key = TypeVar("Key")
_LEAD = re.compile(r"^\s*(?:[-*•]|\d+[.)])?\s*[\"“]?(.*?)[\"”]?\s*$")
MAX_LENGTH = 200
REPLY_TOKENS = 4096
"""Enough for the lines of one reply."""


def written_lines(prompts: Mapping[Key, str], judge: Judge, cache: ReplyCache) -> dict[Key, list[str]]:
    """Return the lines of the reply to each prompt, without numbers, bullets and quotes.

    Empty lines, unprintable ones and those longer than `MAX_LENGTH` are left out.

    Args:
        prompts: What is asked, by anything that tells the prompts apart.
        judge: Any chat model.
        cache: Replies that are there already.
    """
    written = replies(prompts.values(), judge, cache)
    return {sort: list(_lines(written[prompt])) for sort, prompt in prompts.items()}


def _lines(reply: str) -> Iterator[str]:
    for line in reply.splitlines():
        match = _LEAD.match(line)
        text = " ".join((match.group(1) if match else "").split())
        if text and len(text) <= MAX_LENGTH and text.isprintable():
            yield text
