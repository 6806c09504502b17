"""A certificate's release is made again: equal bytes, or what differs and where first."""

from pathlib import Path

import pytest

from flows.plan import only_batch
from flows.reproduce import reproduce
from siu.audit.command import trusted_keys
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tasks.certify import certify
from tasks.runtime.workers import Inline
from tests.flows.batches import change, run


@pytest.mark.timeout(1200)  # three batches
def test_the_same_inputs_give_equal_bytes_and_others_say_where_they_differ(
    standing: Workspace, tmp_path: Path
) -> None:
    run(standing)
    with only_batch(standing):
        file = certify(standing, "r-0")
    keys = trusted_keys(str(standing.state / "keys/public.txt"))
    found = reproduce(standing, file, keys, tmp_path / "again", Inline())
    assert found.differences == ()
    assert found.lines == [f"equal bytes: {found.files} files of the released adapter"]
    assert found.files == 3

    with pytest.raises(StateError, match="E-CRT-005"):
        reproduce(standing, file, keys, tmp_path / "again", Inline())
    change(standing, "unlearning", lr=0.001)
    other = reproduce(standing, file, keys, tmp_path / "other", Inline())
    assert other.lines[0] == "different, first: the inputs of unlearn"
    assert "the bytes of adapter/adapter_model.safetensors" in other.differences


def test_a_certificate_that_does_not_hold_is_not_reproduced(standing: Workspace, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}")
    with pytest.raises(InputError, match="E-CRT-002"):
        reproduce(standing, tmp_path / "odd.json", (), tmp_path / "again")
    assert not (tmp_path / "again").exists()
