"""How far unlearning has harmed an answer that is to stay."""

from collections.abc import Sequence


def damage(reference: Sequence[float], now: Sequence[float]) -> float:
    """Return the most that any token of an answer lost in log-probability against the base model, in nats.

    Args:
        reference: The base model's log-probability of each of its tokens; one at least.
        now: Those of the model being unlearned.
    """
    return max(before - after for before, after in zip(reference, now, strict=True))
