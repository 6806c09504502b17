import torch

from siu.unlearning.recent_references import RecentReferences
from siu.unlearning.references import Reference

BYTES = torch.zeros(2).nbytes


def reference(value: float) -> Reference:
    return Reference(torch.full((1, 1), value), [], torch.full((1, 1), value), torch.tensor([True]))


def step(kept: RecentReferences, *indices: int) -> list[int]:
    """Use some samples; return for which of them references had to be made."""
    missing = kept.missing(indices)
    kept.use(indices, {index: reference(float(index)) for index in missing})
    assert [kept[index].log_probs.item() for index in indices] == list(map(float, indices))
    return missing


def test_what_was_made_is_there_as_long_as_there_is_room():
    kept = RecentReferences(4 * BYTES)
    assert step(kept, 1, 2) == [1, 2]
    assert step(kept, 2, 3) == [3]
    assert step(kept, 1) == []


def test_what_was_not_used_for_longest_goes_first_and_is_made_again():
    kept = RecentReferences(3 * BYTES)
    step(kept, 1, 2)
    step(kept, 3)
    step(kept, 1)
    assert step(kept, 4) == [4], "2 goes"
    assert step(kept, 1, 3) == []
    assert step(kept, 2) == [2]


def test_a_step_has_all_that_it_needs_whatever_that_takes():
    kept = RecentReferences(BYTES)
    assert step(kept, 1, 2, 3) == [1, 2, 3]
    assert step(kept, 1, 2, 3) == []
    assert step(kept, 4) == [4]
    assert step(kept, 3) == [3]
