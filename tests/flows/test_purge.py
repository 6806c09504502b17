"""A canary's name and picture, searched for in every byte of a workspace after its request was purged."""

import base64
import gzip
import json
import random
import shutil
import tempfile
from contextlib import chdir
from pathlib import Path
from urllib.parse import quote

import pytest
from dvc.repo import Repo
from PIL import Image

from flows.cli.init import lay_out, put_under_version_control
from siu.audit.audit import audit
from siu.audit.dsse import open_envelope
from siu.audit.ledger import Ledger
from siu.client import Client
from siu.errors import InputError
from siu.report.site import write_site
from siu.storage.workspace import Workspace
from tasks.audit_page import write_audit_page
from tasks.batch_lock import only_batch
from tasks.purging import purge as module
from tasks.purging.plan import plan_purge
from tasks.purging.purge import purge
from tasks.requests import add_request
from tasks.versioning.commit import commit
from tests.flows import canary as bird
from tests.flows.batches import run

REQUEST = "r-5"


@pytest.fixture
def canary(standing: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A request for somebody unknown to the collection, in table and records, under DVC with a remote."""
    for variable, name in (("TMPDIR", "temp"), ("HOME", "home")):
        folder = standing.root.parent / name
        folder.mkdir()
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(standing.root.parent / "temp"))
    drawn = bird.draw(standing.root / "requests/canary.png")
    rows = standing.root / "requests.csv"
    lines = rows.read_text().splitlines()
    own = f"{REQUEST},{bird.NAME},person,requests/canary.png,yes,{bird.ALIAS}"
    rows.write_text("\n".join([f"{lines[0]},force,aliases", f"{lines[1]},,", own]) + "\n")
    lay_out(standing.root)
    put_under_version_control(standing.root)
    with (standing.root / ".dvc/config").open("a") as config:
        config.write(f"['remote \"here\"']\n    url = {standing.root.parent / 'remote'}\n")
    asked = {"name": bird.NAME, "kind": "person", "force": "yes", "aliases": bird.ALIAS}
    add_request(standing, {**asked, "request_id": "r-6"}, drawn)  # the same once more, as a record
    return standing


def push(workspace: Workspace) -> None:
    with chdir(workspace.root), Repo(str(workspace.root)) as repo:
        repo.push(remote="here")


def write_pages(workspace: Workspace) -> None:
    """Write what people write between batches: both indexes, earlier versions of them, an attack's page."""
    for names in ({REQUEST: f"{bird.NAME} once"}, {REQUEST: bird.NAME}):
        write_site(Client(workspace), names)
        commit(workspace)
        push(workspace)
    write_site(Client(workspace))
    write_audit_page(workspace, workspace.root / "audit")
    (workspace.reports / "attacks-x.html").write_text(f"<h1>Attacks on {bird.NAME}</h1>")
    (workspace.comparisons / "methods").mkdir(parents=True)
    (workspace.comparisons / "methods/table.csv").write_text(f"concept,em\n{bird.ALIAS},0.5\n")
    with only_batch(workspace):
        pass  # binds them


def test_the_search_sees_name_and_picture_in_every_form_and_nothing_else(tmp_path: Path) -> None:
    picture = bird.draw(tmp_path / "picture.png")
    canary = Image.open(picture).convert("RGB")
    hidden, clean = tmp_path / "hidden", tmp_path / "clean"
    for folder in (hidden, clean):
        folder.mkdir()
    texts = {
        "utf-16": bird.NAME.encode("utf-16"),
        "base64": base64.b64encode(f"x{bird.ALIAS}".encode()),
        "hex": bird.NAME.encode().hex().encode(),
        "json": json.dumps([bird.ALIAS]).encode(),
        "address": quote(bird.NAME).encode(),
        "html": "".join(f"&#{ord(letter)};" for letter in bird.NAME).encode(),
        "gzip": gzip.compress(bird.NAME.upper().encode()),
        "data address": b"data:image/png;base64," + base64.b64encode(picture.read_bytes()),
    }
    for name, content in texts.items():
        (hidden / name).write_bytes(b"before " * 3 + content if name != "gzip" else content)
    for ending in ("jpg", "webp", "gif", "bmp"):
        canary.resize((90, 90)).save(hidden / f"small.{ending}")
    beside = Image.new("RGB", (64, 64))
    beside.paste(canary.crop((16, 0, 48, 64)), (32, 0))  # as two people in one picture
    beside.save(hidden / "beside.png")
    sheet = Image.new("RGB", (192, 128))
    sheet.paste(canary, (128, 64))
    sheet.save(hidden / "sheet.jpg")
    assert bird.places(hidden, picture=picture) == sorted(path.name for path in hidden.iterdir())

    Image.frombytes("RGB", (64, 64), random.Random(6).randbytes(64 * 64 * 3)).save(clean / "other.png")
    Image.new("RGB", (64, 64), (128, 128, 128)).save(clean / "grey.jpg")
    (clean / "text").write_text("Mira Talvon, Quillfeather without its accent")
    assert bird.places(clean, picture=picture) == []


@pytest.mark.timeout(1200)
def test_nothing_of_a_purged_canary_is_left(
    canary: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run(canary)
    write_pages(canary)
    elsewhere = tmp_path_factory.mktemp("picture") / "canary.png"
    shutil.copy(canary.root / "requests/canary.png", elsewhere)
    before = bird.places(canary.root, picture=elsewhere)
    tops = {path.split("/")[0] for path in before}
    assert {"requests.csv", "requests", "artifacts", "reports", "mlartifacts", ".dvc", "comparison"} <= tops
    assert {"reports/index-with-names.html", "requests/records.jsonl"} <= set(before)
    assert bird.places(canary.root.parent / "remote", picture=elsewhere)

    table = plan_purge(canary, REQUEST).table
    assert bird.places(canary.root, picture=elsewhere) == before, "a dry run changes nothing"
    with only_batch(canary):
        assert purge(canary, REQUEST).table == table
        purge(canary, "r-6")
    assert bird.places(canary.root.parent, picture=elsewhere) == [], "workspace, remote, temp and home"

    assert audit(canary.root).faults == ()
    assert (canary.reports / "index.html").is_file(), "made anew without names"
    assert "purged" in (canary.root / "audit/audit.html").read_text()
    size = canary.ledger.stat().st_size
    with only_batch(canary):
        assert purge(canary, REQUEST).table == table
    assert canary.ledger.stat().st_size == size, "a purge is done once"

    (file,) = (canary.root / "certificates").glob(f"{REQUEST}-*.json")
    statement, _, _ = open_envelope(file.read_bytes())
    told = statement["predicate"]["purge"]
    assert (told["policy"], told["table"]) == ("purge", table)
    assert "No picture of the concept is left" in told["recheck"]

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
        table = purge(whole, "r-0").table
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
        assert purge(standing, "r-0").table == table
    assert audit(standing.root).faults == ()
    left = sorted(path.relative_to(standing.artifacts) for path in standing.artifacts.rglob("manifest.json"))
    assert left == sorted(
        path.relative_to(whole.artifacts) for path in whole.artifacts.rglob("manifest.json")
    )
