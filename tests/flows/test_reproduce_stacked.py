"""A release that goes on from the one before it is made again on top of that one, which is taken as it is."""

import shutil
from pathlib import Path

import pytest

from flows.reproduce import reproduce
from siu.audit.command import trusted_keys
from siu.errors import StateError
from siu.storage.workspace import Workspace
from tasks.acceptance import accept
from tasks.batch_lock import only_batch
from tasks.certify import certify
from tasks.runtime.workers import Inline
from tests.flows.batches import change, run
from tests.flows.stand_in import write_requests
from tests.flows.test_reproduce import cloned, push_and_commit, put_under_git_and_dvc
from tests.flows.test_sequential import latest, purged  # noqa: F401  # a fixture

NAMES = ("Mira Talvon", "Davi Maresh", "Olin Brask")


def certified(workspace: Workspace, request_id: str) -> Path:
    with only_batch(workspace):
        return certify(workspace, request_id)


def stacked(workspace: Workspace) -> tuple[str, Path]:
    """Release two requests, and a third on top; return the first plan and the third's certificate."""
    change(workspace, "attacks", profile="none")
    change(workspace, "release", strategy="stacked")
    run(workspace, until="release")
    first: str = latest(workspace)["plan"]
    write_requests(workspace.root, NAMES)
    run(workspace)
    assert latest(workspace)["plan"] != first
    return first, certified(workspace, "r-2")


@pytest.mark.timeout(1200)  # five batches
def test_it_gives_equal_bytes_and_says_what_was_taken(standing: Workspace, tmp_path: Path) -> None:
    first, file = stacked(standing)
    keys = trusted_keys(str(standing.state / "keys/public.txt"))
    reproduction = reproduce(standing, file, keys, tmp_path / "again", Inline())
    assert reproduction.lines == [
        "equal bytes: 3 files of the released adapter",
        f"made on release {first[:12]}, which was taken as it is: reproduce its own certificate too",
    ]

    table = standing.root / "requests.csv"
    text = table.read_text()
    table.write_text("".join(line for line in text.splitlines(True) if not line.startswith("r-0,")))
    anew = reproduce(standing, file, keys, tmp_path / "anew", Inline())
    assert anew.lines[0] == "different, first: the release's inputs", "an earlier request is not handed over"
    assert not anew.previous, "so it was not made on that release"
    table.write_text(text)

    weights = standing.artifacts / "release" / first / "adapter/adapter_model.safetensors"
    before = weights.read_bytes()
    weights.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    with pytest.raises(StateError, match="E-STO-003"):
        reproduce(standing, file, keys, tmp_path / "changed", Inline())
    shutil.rmtree(standing.artifacts / "release" / first)
    with pytest.raises(StateError, match=rf"E-CRT-008 .*{first[:12]}.*artifacts/release"):
        reproduce(standing, file, keys, tmp_path / "without", Inline())
    assert not (tmp_path / "without").exists(), "it is said before anything is copied or trained"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_it_goes_on_from_requests_that_were_purged(
    purged: Workspace,  # noqa: F811
    tmp_path: Path,
) -> None:
    first = latest(purged)["plan"]
    change(purged, "attacks", profile="none")
    run(purged)
    with only_batch(purged):
        accept(purged, 2, "a person has looked")
    run(purged)
    keys = trusted_keys(str(purged.state / "keys/public.txt"))
    reproduction = reproduce(purged, certified(purged, "r-2"), keys, tmp_path / "again", Inline())
    assert reproduction.lines[0] == "equal bytes: 3 files of the released adapter"
    assert first[:12] in reproduction.lines[-1]


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")  # dvc asks pygtrie the old way
def test_a_fresh_clone_pulls_the_release_before_and_needs_the_ledger(
    standing: Workspace, tmp_path: Path
) -> None:
    put_under_git_and_dvc(standing, tmp_path / "store")
    first, file = stacked(standing)
    push_and_commit(standing)
    clone = Workspace(cloned(standing, tmp_path / "clone"))
    keys = trusted_keys(str(standing.state / "keys/public.txt"))
    with pytest.raises(StateError, match=r"E-CRT-008 .*ledger\.jsonl"):
        reproduce(clone, file, keys, tmp_path / "without", Inline())
    assert (clone.artifacts / "release" / first).is_dir(), "pulled"
    clone.state.mkdir(exist_ok=True)
    shutil.copy(standing.ledger, clone.ledger)
    reproduction = reproduce(clone, file, keys, tmp_path / "again", Inline())
    assert reproduction.lines[0] == "equal bytes: 3 files of the released adapter"
