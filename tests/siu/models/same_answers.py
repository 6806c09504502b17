"""Two ways to the same answers."""

from collections.abc import Sequence

import torch

from siu.models.engine.generation import Answer


def assert_same_answers(ours: Sequence[Answer], theirs: Sequence[Answer]) -> None:
    """Demand equal texts, and scores that are equal up to rounding."""
    assert [one.text for one in ours] == [one.text for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(
            torch.tensor(one.log_probs), torch.tensor(other.log_probs), rtol=1e-4, atol=1e-4
        )
