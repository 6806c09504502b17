"""Which release the next one goes on from."""

import pytest

from siu.data.releases import Numbered, State
from tasks.lineage import parent_among


def release(number: int, members: str, parent: int | None = None, state: State = "replaced") -> Numbered:
    rows = tuple((member, "erased", "quick", ()) for member in members)
    return Numbered(number, f"plan {number}", parent, rows, "2026-11-30", state)


TWO = {1: release(1, "ab"), 2: release(2, "abc", 1, "deployed")}


@pytest.mark.parametrize(
    ("wanted", "purged", "parent"),
    [
        ("abcd", "", 2),
        ("d", "abc", 2),
        ("abc", "", 1),  # the deployed release itself, in a batch that runs again
        ("c", "ab", 1),
        ("abd", "", 1),  # c was withdrawn
        ("ad", "", None),  # b and c were: no adapter can be rid of them
        ("ab", "", None),
    ],
)
def test_a_release_goes_on_from_the_newest_that_it_goes_beyond(
    wanted: str, purged: str, parent: int | None
) -> None:
    chosen = parent_among(TWO, frozenset(purged), wanted)
    assert (chosen and chosen.number) == parent


def test_a_release_that_waits_is_nobodys_parent() -> None:
    waiting = {1: release(1, "ab", None, "deployed"), 2: release(2, "abc", 1, "waiting")}
    chosen = parent_among(waiting, frozenset(), "abcd")
    assert chosen is waiting[1]


def test_where_nothing_is_deployed_training_begins_at_the_base_model() -> None:
    assert parent_among({}, frozenset(), "a") is None
