"""What somebody may do to a workspace behind the ledger's back: each names what it touched."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from siu.audit.author import Author
from siu.audit.entry import Entry, make_entry, read_entry
from siu.storage.digest import canonical_json, file_digest, value_digest

Manipulation = Callable[[Path], str]
"""Changes a workspace and returns the place that an audit must name, or a part of it."""
LEDGER = "state/ledger.jsonl"
BOUND = ("artifacts", "reports", "metrics", "plots", "data", "mlartifacts", "requests", "state")
UNBOUND = (".lock", ".pem", "records.jsonl")
"""Locks say nothing; a changed private key signs nothing; records are bound line by line."""


def first(root: Path, pattern: str) -> Path:
    return sorted(root.glob(pattern))[0]


def edit(root: Path, pattern: str, text: str = "tampered") -> str:
    path = first(root, pattern)
    path.write_text(text)
    return path.relative_to(root).as_posix()


def replace(root: Path, pattern: str, old: str, new: str) -> str:
    path = first(root, pattern)
    text = path.read_text()
    assert old in text
    return edit(root, pattern, text.replace(old, new))


def remove(root: Path, pattern: str) -> str:
    path = first(root, pattern)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return path.relative_to(root).as_posix()


def add(root: Path, pattern: str, name: str) -> str:
    path = first(root, pattern) / name
    path.write_text("added")
    return path.relative_to(root).as_posix()


def link(root: Path, pattern: str) -> str:
    path = first(root, pattern)
    elsewhere = root.parent / f"elsewhere-{path.name}"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)
    return path.relative_to(root).as_posix()


def with_manifest(root: Path, pattern: str) -> str:
    """Change a file of an output and its digest in the manifest."""
    path = first(root, pattern)
    path.write_text("tampered with care")
    output = next(folder for folder in path.parents if (folder / "manifest.json").is_file())
    manifest = json.loads((output / "manifest.json").read_text())
    manifest["files"][path.relative_to(output).as_posix()] = file_digest(path)
    (output / "manifest.json").write_text(canonical_json(manifest) + "\n")
    return output.relative_to(root).as_posix()


def rename_output(root: Path, stage: str) -> str:
    path = first(root, f"artifacts/{stage}/*")
    path.rename(path.with_name("ab" * 32))
    return path.relative_to(root).as_posix()


def swap(root: Path, one: str, other: str) -> str:
    left, right = first(root, one), sorted(root.glob(other))[-1]
    content = left.read_bytes()
    left.write_bytes(right.read_bytes())
    right.write_bytes(content)
    return left.relative_to(root).as_posix()


def deploy_changed_release(root: Path) -> str:
    """Change the weights of a release, its manifest and the deployed copy alike."""
    with_manifest(root, "artifacts/release/*/adapter/adapter_model.safetensors")
    changed = first(root, "artifacts/release/*/adapter/adapter_model.safetensors").read_bytes()
    first(root, "state/models/*/adapter_model.safetensors").write_bytes(changed)
    return "artifacts/release"


def point_latest(root: Path, folder: str, plan: str | None = None) -> str:
    path = root / "state/models/latest.json"
    latest = json.loads(path.read_text())
    path.write_text(json.dumps({**latest, "folder": folder, "plan": plan or latest["plan"]}))
    return "state/models/latest.json"


def lines(root: Path) -> list[bytes]:
    return (root / LEDGER).read_bytes().splitlines(keepends=True)


def rewrite_lines(root: Path, change: Callable[[list[bytes]], list[bytes]]) -> str:
    (root / LEDGER).write_bytes(b"".join(change(lines(root))))
    return LEDGER


def rechain(root: Path, change: Callable[[dict[str, object], int], None]) -> str:
    """Change entries and make the whole chain anew, as somebody would who knows the form."""
    before: Entry | None = None
    written = []
    for number, line in enumerate(lines(root), start=1):
        content = json.loads(line)
        change(content, number)
        author = Author(content["actor"], content["software"], content["lock"])
        entry = make_entry(before, "", content["event"], content["request_id"], content["data"], author)
        fields = {**json.loads(entry.line()), "time": content["time"]}
        del fields["hash"]
        before = read_entry(canonical_json({**fields, "hash": value_digest(fields)}).encode(), "")
        written.append(before.line())
    (root / LEDGER).write_bytes(b"".join(written))
    return LEDGER


def set_verdict(content: dict[str, object], _number: int) -> None:
    if content["event"] == "verdict":
        content["data"] = {**content["data"], "verdict": "partial"}  # type: ignore[dict-item]


def date_back(content: dict[str, object], number: int) -> None:
    if number == 5:
        content["time"] = "2001-01-01T00:00:00.000Z"


def date_ahead(content: dict[str, object], number: int) -> None:
    if number >= 5:
        content["time"] = "2101-01-01T00:00:00.000Z"


def append_entry(root: Path, time: str) -> str:
    last = read_entry(lines(root)[-1][:-1], "")
    entry = make_entry(last, time, "released", "r-1", {"plan": "ab" * 32}, Author())
    fields = {**json.loads(entry.line()), "time": time}
    del fields["hash"]
    line = canonical_json({**fields, "hash": value_digest(fields)}).encode() + b"\n"
    (root / LEDGER).write_bytes((root / LEDGER).read_bytes() + line)
    return LEDGER


def all_gone(root: Path) -> str:
    (root / LEDGER).unlink()
    for name in ("checkpoints", "listings", "keys"):
        shutil.rmtree(root / "state" / name)
    return LEDGER


def restored_after_link(root: Path) -> str:
    shutil.move(root / "reports", root.parent / "reports-elsewhere")
    (root / "reports").symlink_to(root.parent / "reports-elsewhere")
    return "reports/b/report.html"


KNOWN: dict[str, Manipulation] = {
    "an adapter is changed": lambda root: edit(root, "artifacts/unlearn/*/adapter/*"),
    "an adapter is changed with its manifest": lambda root: with_manifest(
        root, "artifacts/unlearn/*/adapter/*"
    ),
    "an adapter is deleted": lambda root: remove(root, "artifacts/unlearn/*/adapter/*"),
    "an adapter is a link": lambda root: link(root, "artifacts/unlearn/*/adapter/*"),
    "two adapters are swapped": lambda root: swap(
        root, "artifacts/unlearn/*/adapter/*", "artifacts/unlearn/*/adapter/*"
    ),
    "a scorecard is changed": lambda root: edit(root, "artifacts/evaluate/*/scorecards.json"),
    "a scorecard is changed with its manifest": lambda root: with_manifest(
        root, "artifacts/evaluate/*/scorecards.json"
    ),
    "two scorecards are swapped": lambda root: swap(
        root, "artifacts/evaluate/*/scorecards.json", "artifacts/evaluate/*/scorecards.json"
    ),
    "two manifests are swapped": lambda root: swap(
        root, "artifacts/evaluate/*/manifest.json", "artifacts/evaluate/*/manifest.json"
    ),
    "findings are changed with their manifest": lambda root: with_manifest(
        root, "artifacts/attack/*/scorecards.json"
    ),
    "fine-tuning data are changed": lambda root: edit(root, "artifacts/construct/*/records.jsonl"),
    "a manifest is deleted": lambda root: remove(root, "artifacts/attack/*/manifest.json"),
    "a manifest is no JSON": lambda root: edit(root, "artifacts/attack/*/manifest.json", "{"),
    "a manifest is a list": lambda root: edit(root, "artifacts/attack/*/manifest.json", "[]"),
    "a manifest is a link": lambda root: link(root, "artifacts/attack/*/manifest.json"),
    "a file is added to an output": lambda root: add(root, "artifacts/evaluate/*", "more.json"),
    "a hidden file is added to an output": lambda root: add(root, "artifacts/evaluate/*", ".more"),
    "an output is deleted": lambda root: remove(root, "artifacts/evaluate/*"),
    "a stage is deleted": lambda root: remove(root, "artifacts/evaluate"),
    "all outputs are deleted": lambda root: remove(root, "artifacts"),
    "an output is renamed": lambda root: rename_output(root, "unlearn"),
    "an output is a link": lambda root: link(root, "artifacts/unlearn/*"),
    "a stage is a link": lambda root: link(root, "artifacts/unlearn"),
    "the outputs are a link": lambda root: link(root, "artifacts"),
    "a foreign output is added": lambda root: f"artifacts/unlearn/{publish_foreign(root)}",
    "a file lies among the outputs": lambda root: add(root, "artifacts", "notes.txt"),
    "the release is changed": lambda root: edit(
        root, "artifacts/release/*/adapter/adapter_model.safetensors"
    ),
    "the release is changed with its manifest": lambda root: with_manifest(
        root, "artifacts/release/*/adapter/adapter_model.safetensors"
    ),
    "the release is changed wherever it lies": deploy_changed_release,
    "the release is deleted": lambda root: remove(root, "artifacts/release/*"),
    "the deployed adapter is changed": lambda root: edit(root, "state/models/*/adapter_model.safetensors"),
    "the deployed adapter's config is changed": lambda root: edit(root, "state/models/*/adapter_config.json"),
    "the deployed adapter is deleted": lambda root: remove(root, "state/models/*/adapter_model.safetensors"),
    "the deployed folder is deleted": lambda root: remove(root, "state/models/[0-9a-f]*"),
    "the deployed folder is a link": lambda root: link(root, "state/models/[0-9a-f]*"),
    "a file is added to the deployed adapter": lambda root: add(
        root, "state/models/[0-9a-f]*", "modeling.py"
    ),
    "latest.json points outside": lambda root: point_latest(root, "../../evil"),
    "latest.json names another plan": lambda root: point_latest(root, "ab" * 6, "ab" * 32),
    "latest.json is broken": lambda root: edit(root, "state/models/latest.json", "{"),
    "latest.json is deleted": lambda root: remove(root, "state/models/latest.json"),
    "a report is changed": lambda root: edit(root, "reports/b/report.html"),
    "a summary is changed": lambda root: edit(root, "reports/b/summary.json"),
    "all reports are a link": restored_after_link,
    "a report is added": lambda root: add(root, "reports/b", "report-2.html"),
    "the metrics are changed": lambda root: edit(root, "metrics/summary.json"),
    "the losses are a link": lambda root: link(root, "plots/losses.csv"),
    "the collection is changed": lambda root: edit(root, "data/collection/concepts.jsonl"),
    "a picture of the collection is changed": lambda root: edit(root, "data/collection/pictures/c-1/1.png"),
    "the base model's identity is changed": lambda root: edit(root, "data/base_model/identity.json"),
    "a request's picture is changed": lambda root: edit(root, "requests/0.png"),
    "a request's picture is deleted": lambda root: remove(root, "requests/1.png"),
    "two requests' pictures are swapped": lambda root: swap(root, "requests/0.png", "requests/1.png"),
    "a row's name is changed": lambda root: replace(root, "requests.csv", "Ilka", "Ilya"),
    "an alias is put into a row": lambda root: edit(
        root, "requests.csv", "request_id,name,image,aliases\nr-1,Ilka Morwen,requests/0.png,Ilka\n"
    ),
    "a row is deleted": lambda root: edit(root, "requests.csv", "request_id,name,image\n"),
    "the table is deleted": lambda root: remove(root, "requests.csv"),
    "the table is no table": lambda root: edit(root, "requests.csv", '"'),
    "a record is changed": lambda root: replace(root, "requests/records.jsonl", "Brask", "Brusk"),
    "a record's actor is changed": lambda root: replace(root, "requests/records.jsonl", "ada", "bob"),
    "a record is deleted": lambda root: edit(root, "requests/records.jsonl", ""),
    "the copy of a row is changed": lambda root: replace(root, "state/commitments/r-1.json", "Ilka", "Ilya"),
    "row and copy are changed": lambda root: (
        replace(root, "requests.csv", "Ilka", "Ilya"),
        replace(root, "state/commitments/r-1.json", "Ilka", "Ilya"),
    )[1],
    "a batch's parameters are changed": lambda root: edit(root, "state/params/*.json", "{ }\n"),
    "a batch's parameters are deleted": lambda root: remove(root, "state/params/*.json"),
    "parameters are added": lambda root: add(root, "state/params", "ab.json"),
    "what opens a commitment is deleted": lambda root: remove(root, "state/commitments/r-1.json"),
    "MLflow's copy is changed": lambda root: edit(root, "mlartifacts/abc/artifacts/report.html"),
    "the listing is changed": lambda root: edit(root, "state/listings/*.json", "{}"),
    "the listing is deleted": lambda root: remove(root, "state/listings/*.json"),
    "the public key is exchanged": lambda root: edit(root, "state/keys/public.txt"),
    "a checkpoint is changed": lambda root: edit(root, "state/checkpoints/*.txt"),
    "a checkpoint is deleted": lambda root: remove(root, "state/checkpoints"),
    "the ledger is deleted": lambda root: remove(root, LEDGER),
    "the ledger is emptied": lambda root: edit(root, LEDGER, ""),
    "the ledger, its keys and checkpoints are deleted": all_gone,
    "the ledger is a link": lambda root: link(root, LEDGER),
    "an entry is dropped": lambda root: rewrite_lines(root, lambda old: old[:3] + old[4:]),
    "the first entry is dropped": lambda root: rewrite_lines(root, lambda old: old[1:]),
    "entries are swapped": lambda root: rewrite_lines(root, lambda old: [old[1], old[0], *old[2:]]),
    "an entry is repeated": lambda root: rewrite_lines(root, lambda old: [*old[:2], *old[1:]]),
    "the ledger's end is cut off": lambda root: rewrite_lines(root, lambda old: old[:-2]),
    "the ledger's last line is torn": lambda root: rewrite_lines(root, lambda old: [*old[:-1], old[-1][:-9]]),
    "a verdict is changed": lambda root: rewrite_lines(
        root, lambda old: [line.replace(b'"erased"', b'"lapsed"') for line in old]
    ),
    "a verdict is changed and all is chained anew": lambda root: rechain(root, set_verdict),
    "an entry is dated 2001": lambda root: rechain(root, date_back),
    "entries are dated 2101": lambda root: rechain(root, date_ahead),
    "a later entry is dated 2001": lambda root: append_entry(root, "2001-01-01T00:00:00.000Z"),
    "a false release is put in": lambda root: (
        append_entry(root, "2099-01-01T00:00:00.000Z"),
        "state/models",
    )[1],
}


def publish_foreign(root: Path) -> str:
    from tests.tasks.audit.conftest import publish

    return publish(root, "unlearn", {"request": "r-9"}, {"adapter/adapter_model.safetensors": "evil"})[0]


def bound_files(root: Path) -> list[Path]:
    """Return the files that an audit answers for, in order."""
    return sorted(
        path
        for name in BOUND
        for path in (root / name).rglob("*")
        if path.is_file() and not path.name.endswith(UNBOUND) and ".staging" not in path.parts
    )


def at_random(root: Path, seed: int) -> str:
    """Do something to a bound file; return its place."""
    chance = random.Random(seed)
    files = bound_files(root)
    path = chance.choice(files)
    place = path.relative_to(root).as_posix()
    content = path.read_bytes()
    kind = chance.randrange(8)
    if kind == 0 and content:
        index = chance.randrange(len(content))
        changed = bytearray(content)
        changed[index] ^= chance.randrange(1, 256)
        path.write_bytes(changed)
    elif kind == 1 and content:
        path.write_bytes(content[: chance.randrange(len(content))])
    elif kind == 2:
        path.write_bytes(content + chance.randbytes(chance.randrange(1, 40)))
    elif kind == 3:
        path.unlink()
    elif kind == 4:
        path.rename(path.with_name(f"{path.name}.old"))
    elif kind == 5:
        shutil.copy(path, root.parent / f"copy-{seed}")
        path.unlink()
        os.symlink(root.parent / f"copy-{seed}", path)
    elif kind == 6:
        others = [file for file in files if file.read_bytes() != content]
        path.write_bytes(chance.choice(others).read_bytes())
    else:
        path.write_bytes(chance.randbytes(len(content) + 1))
    return place
