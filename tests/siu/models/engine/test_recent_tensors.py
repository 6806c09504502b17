import torch
from hypothesis import given
from hypothesis import strategies as st

from siu.models.engine.recent_tensors import RecentTensors

BYTES = torch.zeros(2).nbytes


def tensors_of(numbers: dict[str, float]) -> list[torch.Tensor]:
    return [torch.full((2,), number) for number in numbers.values()]


def use(kept: RecentTensors, names: str) -> str:
    """Ask for tensors by their letters; return for which of them they had to be made."""
    made = []

    def make(missing: dict[str, float]) -> torch.Tensor:
        made.extend(missing)
        return torch.stack(tensors_of(missing))

    wanted = {name: float(ord(name)) for name in names}
    found = kept.of(wanted, make)
    assert list(found) == list(wanted)
    assert all(one.equal(other) for one, other in zip(found.values(), tensors_of(wanted), strict=True))
    return "".join(made)


def test_what_is_kept_is_not_made_again():
    kept = RecentTensors(9 * BYTES)
    assert [use(kept, names) for names in ("ab", "bc", "cab")] == ["ab", "c", ""]


def test_the_least_recently_used_go_first():
    kept = RecentTensors(2 * BYTES)
    assert [use(kept, names) for names in ("a", "b", "a", "c", "a", "b")] == ["a", "b", "", "c", "", "b"]


def test_one_use_may_take_more_than_there_is_room_for():
    kept = RecentTensors(2 * BYTES)
    assert [use(kept, names) for names in ("abcd", "cd", "ab")] == ["abcd", "", "ab"]


def test_without_room_everything_is_made_each_time():
    kept = RecentTensors(0)
    assert [use(kept, "a") for _ in range(2)] == ["a", "a"]


@given(uses=st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), max_size=20), room=st.integers(0, 7))
def test_never_more_is_kept_than_there_is_room_for(uses, room):
    kept = RecentTensors(room * BYTES)
    for names in uses:
        use(kept, "".join(sorted(names)))
        assert sum(one.untyped_storage().nbytes() for one in kept._kept.values()) <= room * BYTES
