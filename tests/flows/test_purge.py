"""A canary's name and picture, searched for in every byte of a workspace after its request was purged."""

import base64
import json
import shutil
from pathlib import Path

import pytest

from flows.cli.init import lay_out, put_under_version_control
from flows.plan import only_batch
from siu.audit.audit import audit
from siu.audit.dsse import open_envelope
from siu.audit.ledger import Ledger
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tasks.purging import purge as module
from tasks.purging.purge import plan_purge, purge
from tests.flows.batches import run

CANARY = "Zyxa Quillfeather"
REQUEST = "r-5"


def forms(data: bytes) -> list[bytes]:
    """Return how bytes may stand in a file: as they are, in hex, in base64 at any offset."""
    encoded = [data, data.hex().encode(), data.hex().upper().encode()]
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + data).rstrip(b"=")
        encoded.append(text[4:-2] if offset else text[:-2])
    return encoded


def forms_of_name(name: str) -> list[bytes]:
    texts = [name.encode(), name.encode("utf-16-le"), name.encode("utf-16-be")]
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in name).encode()
    return [form for text in texts for form in forms(text)] + [escaped]


def places(root: Path, needles: list[bytes]) -> list[str]:
    """Return the files below a folder that hold one of some bytes, in their content or their name."""
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file() and any(needle in path.read_bytes() + str(path).encode() for needle in needles)
    ]


@pytest.fixture
def canary(standing: Workspace) -> Workspace:
    """A released request for somebody whom the collection doesn't know, under DVC with a local remote."""
    from tests.flows.stand_in import _draw

    picture = standing.root / "requests" / "canary.png"
    _draw(picture, 177)
    rows = standing.root / "requests.csv"
    lines = rows.read_text().splitlines()
    kept = [f"{lines[0]},force", f"{lines[1]},", f"{REQUEST},{CANARY},person,requests/canary.png,yes"]
    rows.write_text("\n".join(kept) + "\n")
    lay_out(standing.root)
    put_under_version_control(standing.root)
    remote = standing.root.parent / "remote"
    with (standing.root / ".dvc/config").open("a") as config:
        config.write(f"['remote \"here\"']\n    url = {remote}\n")
    return standing


def needles_of(workspace: Workspace) -> list[bytes]:
    picture = (workspace.root / "requests/canary.png").read_bytes()
    return [*forms_of_name(CANARY), *forms(picture[33:-12])]  # its pixels: all pictures share head and end


def push(workspace: Workspace) -> None:
    from contextlib import chdir

    from dvc.repo import Repo

    with chdir(workspace.root), Repo(str(workspace.root)) as repo:
        repo.push(remote="here")


@pytest.mark.timeout(900)
def test_nothing_of_a_purged_canary_is_left(canary: Workspace) -> None:
    run(canary)
    push(canary)
    needles = needles_of(canary)
    digest = (canary.root / "requests/canary.png").read_bytes()
    before = [path.split("/")[0] for path in places(canary.root, needles)]
    assert {"requests.csv", "requests", "artifacts", "reports", "mlartifacts", ".dvc"} <= set(before)
    assert places(canary.root.parent / "remote", needles)

    table = plan_purge(canary, REQUEST).table
    assert places(canary.root, needles), "a dry run changes nothing"
    with only_batch(canary):
        assert purge(canary, REQUEST) == table
    assert places(canary.root, needles) == []
    assert places(canary.root.parent / "remote", needles) == []
    assert digest

    found = audit(canary.root)
    assert found.faults == ()
    size = canary.ledger.stat().st_size
    with only_batch(canary):
        assert purge(canary, REQUEST) == table
    assert canary.ledger.stat().st_size == size, "a purge is done once"

    (file,) = (canary.root / "certificates").glob(f"{REQUEST}-*.json")
    statement, _, _ = open_envelope(file.read_bytes())
    assert statement["predicate"]["purge"] == {"policy": "purge", "table": table}

    again = run(canary)
    assert "E-PRG-004" in str(again.failures[0]), "no release takes the place of the one that forgets"
    latest = json.loads((canary.models / "latest.json").read_text())
    assert REQUEST in latest["requests"]


@pytest.mark.timeout(900)
def test_a_purge_that_was_killed_is_ended_by_the_same_command(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(standing)
    with only_batch(standing), pytest.raises(InputError, match="E-PRG-001"):
        purge(standing, "r-9")
    copy = shutil.copytree(standing.root, standing.root.parent / "copy")
    whole = Workspace(copy)
    with only_batch(whole):
        table = purge(whole, "r-0")
    remove = module._remove
    for stop in (1, 2, 5, 9, 14):
        calls: list[Path] = []

        def killed(path: Path, calls: list[Path] = calls, stop: int = stop) -> None:
            calls.append(path)
            if len(calls) == stop:
                raise KeyboardInterrupt
            remove(path)

        with monkeypatch.context() as patch:
            patch.setattr(module, "_remove", killed)
            with pytest.raises(KeyboardInterrupt), only_batch(standing):
                purge(standing, "r-0")
            assert Ledger(standing.ledger).entries()[-1].event != "purged"
    with only_batch(standing):
        assert purge(standing, "r-0") == table
    assert audit(standing.root).faults == ()
    left = sorted(path.relative_to(standing.artifacts) for path in standing.artifacts.rglob("manifest.json"))
    assert left == sorted(
        path.relative_to(whole.artifacts) for path in whole.artifacts.rglob("manifest.json")
    )
