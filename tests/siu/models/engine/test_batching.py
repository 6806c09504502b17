"""How rows are divided into batches."""

import pytest

from siu.models import EncodedTurn
from siu.models.engine.batching import BATCH_COST, forwards


def told(lengths):
    """Return turns without pictures, half prompt and half answer, of these lengths."""
    return [EncodedTurn((5,) * (length // 2), (7,) * (length - length // 2), (), None) for length in lengths]


def batches(vlm, turns, size, passes=1):
    return [batch for _, lot in forwards(vlm, turns, size, passes=passes) for batch in lot]


@pytest.mark.parametrize("size", [1, 3, 64])
def test_each_row_is_in_one_batch_and_none_is_too_large(vlm, size):
    turns = told([9, 30, 8, 30, 200, 7, 12])
    found = batches(vlm, turns, size)
    assert sorted(index for batch in found for index in batch) == list(range(len(turns)))
    assert max(map(len, found)) <= size


def test_rows_are_together_unless_their_padding_costs_more_than_a_batch(vlm):
    close, far = [20] * 10 + [21], [20] * 10 + [20 + BATCH_COST]
    assert len(batches(vlm, told(close), 64)) == 1
    assert len(batches(vlm, told(far), 64)) == 2


def test_rows_that_are_run_token_by_token_bear_more_padding(vlm):
    turns = told([20] * 10 + [20 + BATCH_COST])
    assert len(batches(vlm, turns, 64, passes=12)) == 1
    assert len(batches(vlm, told([20] * 10 + [21 + 2 * BATCH_COST]), 64, passes=2)) == 2


def test_no_batch_has_more_padding_than_a_batch_costs(vlm):
    turns = told(range(10, 200, 3))
    for batch in batches(vlm, turns, 64):
        lengths = [len(turns[index]) for index in batch]
        assert max(lengths) * len(lengths) - sum(lengths) <= BATCH_COST
