"""Ratings of answers by a judge."""

from collections.abc import Iterable

from siu.mmubench.judge.asking import Judge, refuse_unreadable, replies
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.judge.prompt import parse_rating, rating_prompt
from siu.mmubench.records import Record, Records, with_purpose


def rate(states: Iterable[Records], judge: Judge, cache: ReplyCache) -> dict[str, dict[str, int]]:
    """Return the judge's rating of every recognition answer of some model states.

    Args:
        states: Records of model states; equal answers to equal questions are rated once.
        judge: Who rates.
        cache: Replies that are there already.

    Returns:
        Rating by question id and answer; a reply without a rating is left out.

    Raises:
        ModelError: ``E-JDG-004`` fewer than half of the replies hold a rating.
    """
    records = [record for state in states for record in with_purpose(state, "name")]
    prompts = {rating_prompt(record): record for record in records}
    by_prompt = replies(prompts, judge, cache)
    rated = {prompt: parse_rating(reply) for prompt, reply in by_prompt.items()}
    remedy = "Raise judge.max_tokens, choose another judge.model, or judge.source: none"
    refuse_unreadable(rated.values(), "a rating", remedy, judge)
    return _by_question(records, rated)


def _by_question(records: list[Record], rated: dict[str, int | None]) -> dict[str, dict[str, int]]:
    ratings: dict[str, dict[str, int]] = {}
    for record in records:
        value = rated[rating_prompt(record)]
        if value is not None:
            ratings.setdefault(record.question.id, {})[record.answer] = value
    return ratings


def ratings_of(records: Records, rated: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return the ratings of one model state by question id."""
    return {
        key: rated[key][record.answer]
        for key, record in records.items()
        if record.answer in rated.get(key, {})
    }
