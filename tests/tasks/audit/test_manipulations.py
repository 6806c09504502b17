"""What is done behind the ledger's back is found and named, on a read-only copy, by the public key alone."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siu.audit.audit import Audit, audit
from siu.audit.author import author_here
from siu.audit.command import main, trusted_keys
from siu.audit.commitment import write_opening
from siu.audit.entry import make_entry
from siu.audit.ledger import Ledger
from siu.audit.note import PublicKey
from siu.audit.request_rows import row_in
from siu.storage.workspace import Workspace
from tasks.proofs import newest_checkpoint
from tasks.seal import seal
from tasks.signing import create_key
from tests.tasks.audit.conftest import EVENTS
from tests.tasks.audit.manipulations import KNOWN, at_random, rechain, set_verdict

QUICK, MANY = 300, 2000


@pytest.fixture
def trusted(sealed_template: Path) -> tuple[PublicKey, ...]:
    return trusted_keys(str(sealed_template / "state/keys/public.txt"))


@contextmanager
def read_only(root: Path) -> Iterator[None]:
    """Take away the right to write, below and at a folder."""
    folders = [root, *(path for path in root.rglob("*") if path.is_dir() and not path.is_symlink())]
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)


def names(found: Audit, place: str) -> bool:
    """Whether one of the faults is about a place, what is above it, or what is below it."""
    return any(
        fault.place == place or fault.place.startswith(f"{place}/") or place.startswith(f"{fault.place}/")
        for fault in found.faults
    )


def test_an_untouched_workspace_has_no_fault(sealed: Workspace, trusted: tuple[PublicKey, ...]) -> None:
    found = audit(sealed.root, trusted, newest_checkpoint(sealed))
    assert found.faults == ()
    assert found.notices == ()
    assert found.signed == found.entries


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_manipulation_is_found_and_named(
    sealed: Workspace, trusted: tuple[PublicKey, ...], name: str
) -> None:
    place = KNOWN[name](sealed.root)
    with read_only(sealed.root):
        found = audit(sealed.root, trusted)
    assert names(found, place), [str(fault) for fault in found.faults]
    assert all(fault.code.startswith("E-") and fault.what for fault in found.faults)


def found_of_random(template: Path, trusted: tuple[PublicKey, ...], folder: Path, seeds: range) -> list[int]:
    """Return the seeds of the manipulations that are not found, or not named."""
    missed = []
    for seed in seeds:
        root = folder / str(seed) / "copy"
        shutil.copytree(template, root)
        place = at_random(root, seed)
        if not names(audit(root, trusted), place):
            missed.append(seed)
        shutil.rmtree(folder / str(seed))
    return missed


def test_random_manipulations_are_found_and_named(
    sealed_template: Path, trusted: tuple[PublicKey, ...], tmp_path: Path
) -> None:
    assert found_of_random(sealed_template, trusted, tmp_path, range(QUICK)) == []


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_many_random_manipulations_are_found_and_named(
    sealed_template: Path, trusted: tuple[PublicKey, ...], tmp_path: Path
) -> None:
    assert found_of_random(sealed_template, trusted, tmp_path, range(QUICK, QUICK + MANY)) == []


def test_all_faults_are_listed_not_the_first_alone(sealed: Workspace, trusted: tuple[PublicKey, ...]) -> None:
    names_of_three = ("a report is changed", "an adapter is changed", "a request's picture is deleted")
    places = [KNOWN[name](sealed.root) for name in names_of_three]
    found = audit(sealed.root, trusted)
    assert all(names(found, place) for place in places)
    assert len(found.faults) == 4, "a picture and what opens its commitment are two places"


def test_the_deployed_release_comes_first(sealed: Workspace, trusted: tuple[PublicKey, ...]) -> None:
    for name in ("a report is changed", "an entry is dropped", "the deployed adapter is changed"):
        KNOWN[name](sealed.root)
    assert audit(sealed.root, trusted).faults[0].place.startswith("state/models/")


def test_who_has_the_private_key_is_found_by_a_checkpoint_kept_elsewhere(
    sealed: Workspace, trusted: tuple[PublicKey, ...]
) -> None:
    old = newest_checkpoint(sealed)
    rechain(sealed.root, set_verdict)
    shutil.rmtree(sealed.state / "checkpoints")
    seal(sealed)
    assert audit(sealed.root, trusted).faults == (), "all is signed anew: only a copy elsewhere tells"
    (fault,) = audit(sealed.root, trusted, old).faults
    assert (fault.code, "rewritten" in fault.what) == ("E-LED-018", True)


def test_a_ledger_rolled_back_with_all_its_files_is_found_by_a_checkpoint_kept_elsewhere(
    sealed: Workspace, trusted: tuple[PublicKey, ...], tmp_path: Path
) -> None:
    shutil.copytree(sealed.root, tmp_path / "earlier")
    Ledger(sealed.ledger).append("received", "r-3", {})
    newer = seal(sealed)
    assert newer is not None
    found = audit(tmp_path / "earlier", trusted, newer)
    assert [fault.code for fault in found.faults] == ["E-LED-018"]
    assert audit(sealed.root, trusted, newest_checkpoint(Workspace(tmp_path / "earlier"))).faults == ()


def test_the_ledgers_folder_alone_can_be_checked(
    sealed: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sent"
    shutil.copytree(sealed.state, folder)
    shutil.rmtree(folder / "models")
    key = str(sealed.state / "keys/public.txt")
    assert main([str(folder), "--key", key]) == 0
    (folder / "ledger.jsonl").write_bytes((folder / "ledger.jsonl").read_bytes()[:-1])
    assert main([str(folder), "--key", key]) == 2
    assert "E-LED-004 ledger.jsonl (entry" in capsys.readouterr().err


def test_a_thousand_requests_are_verified_in_a_second(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.state.mkdir()
    events = ("received", "committed", *EVENTS.values(), "verdict", "released")
    before, written = None, []
    for number in range(1000 * len(events)):
        data = {"plan": f"{number:064x}", "outputs": {f"unlearn/{number:064x}": "ef" * 32}}
        time = f"2026-01-01T00:00:{number // 1000:02d}.{number % 1000:03d}Z"
        event, request_id = events[number % len(events)], f"r-{number // len(events)}"
        before = make_entry(before, time, event, request_id, data, author_here())
        written.append(before.line())
    workspace.ledger.write_bytes(b"".join(written))
    create_key(workspace)
    command = [sys.executable, "-m", "siu.audit", str(workspace.state)]
    assert min(_spent(command) for _ in range(3)) < 1.0, "a shared core's clock runs uneven: the least counts"


def _spent(command: list[str]) -> float:
    """Return the CPU seconds of a program."""
    started = os.times()
    subprocess.run(command, check=True, capture_output=True)
    ended = os.times()
    return ended.children_user + ended.children_system - started.children_user - started.children_system


def test_an_audit_loads_nothing_of_the_pipeline(sealed: Workspace) -> None:
    code = (
        "import sys; from siu.audit.command import main; main([sys.argv[1]]);"
        "heavy = {'torch', 'numpy', 'transformers', 'prefect', 'mlflow', 'pydantic', 'PIL'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(sealed.root)], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_nothing_is_written(sealed: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in sealed.root.rglob("*")}
    audit(sealed.root)
    assert {path: path.stat().st_mtime_ns for path in sealed.root.rglob("*")} == before


def test_rows_may_be_added_moved_and_written_otherwise(
    sealed: Workspace, trusted: tuple[PublicKey, ...]
) -> None:
    (sealed.root / "requests.csv").write_text(
        "image;Request ID;name\n9.png;r-9;Somebody\nrequests/0.png;R-1; Ilka Morwen \n", encoding="utf-16"
    )
    assert audit(sealed.root, trusted).faults == ()


def test_parameters_may_be_edited_for_the_next_batch(
    sealed: Workspace, trusted: tuple[PublicKey, ...]
) -> None:
    sealed.params_file.write_text("seed: 7\n")
    assert audit(sealed.root, trusted).faults == ()


def test_a_row_that_changed_between_batches_is_told(
    sealed: Workspace, trusted: tuple[PublicKey, ...]
) -> None:
    KNOWN["a row's name is changed"](sealed.root)
    assert "name" in audit(sealed.root, trusted).faults[0].what
    row = row_in(sealed.root / "requests.csv", "r-1")
    opening = write_opening(sealed.state, "r-1", "requests/0.png", row, "requests.csv")
    picture = opening.commitment((sealed.root / "requests/0.png").read_bytes())
    data = {"commitment": picture, "row": opening.commitment_to_row(row)}
    Ledger(sealed.ledger).append("committed", "r-1", data)
    seal(sealed)
    found = audit(sealed.root, trusted)
    assert found.faults == ()
    assert any("r-1 was changed between batches" in notice for notice in found.notices)
