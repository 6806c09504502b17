"""What the ledger says of files: which output has which manifest, and which other file has which digest.

An entry's ``data`` may hold ``outputs`` (``stage/plan`` to the sha256 of the output's manifest, which holds
the digest of each of its files), ``listing`` (the sha256 of a file in ``state/listings``, which holds the
digest of every other file that people read or tools load) and ``dropped`` (outputs that were purged).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siu.audit.entry import Entry
from siu.audit.events import COMMITTED, CONFIGURED, PURGED, RELEASED, WITHDRAWN
from siu.audit.fault import Fault
from siu.errors import StateError
from siu.storage.digest import canonical_json, file_digest
from siu.storage.store import MANIFEST

ROOTS = (
    "state/models",
    "certificates",
    "data/base_model",
    "data/collection",
    "metrics",
    "mlartifacts",
    "plots",
    "reports",
    "comparison",
)
"""Folders of a workspace whose files are listed; the outputs are bound by their manifests."""
UNLISTED = (".gitignore", "reports/index.html", "reports/index-with-names.html")
"""Files below them that are not: `siu site` makes the indexes of the ledger and the summaries at any time."""
LISTINGS = "listings"
OUTPUT = re.compile(r"[a-z][a-z0-9_-]{0,40}/[0-9a-f]{64}")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass
class Bindings:
    """What the newest entries bind.

    Attributes:
        outputs: ``stage/plan`` to the manifest's digest and the entry's number.
        dropped: Outputs that were purged, with the entry's number.
        listing: Digest of the newest listing; empty if there is none.
        listing_entry: Number of its entry.
        commitments: Request to its picture's commitment and the entry's number.
        rows: Request to its row's commitment and the entry's number.
        committed_anew: Requests whose row was committed to more than once, with the last entry's number.
        parameters: Digest of each batch's parameters to the first entry that names it.
        released: The release that was accepted last: its plan, and the entry's number.
        altered: Number of entries that say that files had been changed behind the ledger's back.
    """

    outputs: dict[str, tuple[str, int]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    listing: str = ""
    listing_entry: int = 0
    commitments: dict[str, tuple[str, int]] = field(default_factory=dict)
    rows: dict[str, tuple[str, int]] = field(default_factory=dict)
    committed_anew: dict[str, int] = field(default_factory=dict)
    parameters: dict[str, int] = field(default_factory=dict)
    released: tuple[str, int] | None = None
    altered: list[int] = field(default_factory=list)

    @property
    def is_bound(self) -> bool:
        """Whether the ledger binds results at all: earlier versions' did not."""
        return bool(self.listing)

    def add(self, entry: Entry) -> None:
        """Take in one more entry; what has an odd form binds nothing."""
        data = entry.data
        for output, digest in _texts(data.get("outputs")):
            if OUTPUT.fullmatch(output):
                self.outputs[output] = (digest, entry.seq)
                self.dropped.pop(output, None)
        for output in data.get("dropped") or () if isinstance(data.get("dropped"), list) else ():
            if isinstance(output, str):
                self.outputs.pop(output, None)
                self.dropped[output] = entry.seq
        if entry.event == "sealed" and isinstance(data.get("listing"), str):
            self.listing, self.listing_entry = data["listing"], entry.seq
        if entry.event == COMMITTED and isinstance(data.get("commitment"), str):
            self.commitments[entry.request_id] = (data["commitment"], entry.seq)
            if isinstance(data.get("row"), str):
                if entry.request_id in self.rows:
                    self.committed_anew[entry.request_id] = entry.seq
                self.rows[entry.request_id] = (data["row"], entry.seq)
        if entry.event in (PURGED, WITHDRAWN):
            self.rows.pop(entry.request_id, None)
        if entry.event == PURGED:
            self.commitments.pop(entry.request_id, None)
            self.committed_anew.pop(entry.request_id, None)
        if entry.event == CONFIGURED and isinstance(data.get("parameters"), str):
            self.parameters.setdefault(data["parameters"], entry.seq)
        if entry.event == RELEASED and isinstance(data.get("plan"), str):
            self.released = (data["plan"], entry.seq)
        if entry.event == "altered":
            self.altered.append(entry.seq)


def bindings_of(entries: Iterable[Entry]) -> Bindings:
    """Return what entries bind, the later ones before the earlier ones."""
    bindings = Bindings()
    for entry in entries:
        bindings.add(entry)
    return bindings


def manifest_digest(folder: Path) -> str:
    """Return what binds a published output: the sha256 of its manifest."""
    return file_digest(folder / MANIFEST)


def changed_output(output: str) -> StateError:
    """Return the error about an output that is not the one that the ledger binds."""
    return StateError(
        "E-LED-022",
        "the output is not the one that the ledger binds: it was changed together with its manifest",
        "Run `siu verify`; restore the folder, or remove it and run `siu batch`, which makes it again",
        f"artifacts/{output}",
    )


def outputs_below(artifacts: Path) -> Iterator[tuple[str, Path]]:
    """Yield key and folder of everything that looks like an output, in order."""
    for folder in sorted(artifacts.glob("[!.]*/*")):
        yield f"{folder.parent.name}/{folder.name}", folder


def files_below(root: Path) -> dict[str, Path]:
    """Return the files that a listing holds: relative path to path, links included."""
    there: dict[str, Path] = {}
    for name in ROOTS:
        folder = root / name
        for path in folder.rglob("*") if folder.is_dir() else ():
            place = path.relative_to(root).as_posix()
            if not {path.name, place} & set(UNLISTED) and (path.is_symlink() or not path.is_dir()):
                there[place] = path
    return dict(sorted(there.items()))


def listing_of(root: Path) -> dict[str, str]:
    """Return the digest of each file that is to be listed; links are none."""
    return {
        name: file_digest(path)
        for name, path in files_below(root).items()
        if path.is_file() and not path.is_symlink() and not any(map(Path.is_symlink, _above(path, root)))
    }


def listing_text(files: Mapping[str, str]) -> str:
    """Return a listing as its file holds it; the file is named by the sha256 of this text."""
    return canonical_json(dict(files)) + "\n"


def check_listing(root: Path, files: Mapping[str, str], entry: int) -> list[Fault]:
    """Return what differs from a listing: missing, changed, turned into a link, added."""
    there = files_below(root)
    faults = []
    for name, digest in files.items():
        if name in UNLISTED:  # an earlier version has listed it
            continue
        what = _difference(root, name, there.get(name), digest)
        if what:
            faults.append(Fault("E-LED-013", what, name, entry))
    added = (name for name in there if name not in files)
    faults += [Fault("E-LED-014", "the file was added; no entry knows it", name, entry) for name in added]
    return faults


def read_listing(path: Path, digest: str) -> tuple[dict[str, str], str]:
    """Return a listing's files, and what is wrong with it; empty if nothing is."""
    try:
        if path.is_symlink() or file_digest(path) != digest:
            return {}, "the listing of all files was changed"
        content: Any = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}, "the listing of all files is missing or can't be read"
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        return {}, "the listing of all files is none"
    return content, ""


def _difference(root: Path, name: str, path: Path | None, digest: str) -> str:
    if path is None:
        return "the file is missing"
    if path.is_symlink() or any(map(Path.is_symlink, _above(path, root))):
        return "the file was replaced by a link"
    try:
        return "" if file_digest(path) == digest else "the file was changed"
    except OSError as error:
        return f"the file can't be read ({type(error).__name__})"


def _above(path: Path, root: Path) -> list[Path]:
    """Return the folders between a workspace and a file of it."""
    return [folder for folder in path.parents if folder != root and root in folder.parents]


def _texts(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return []
    return [(key, digest) for key, digest in value.items() if isinstance(digest, str)]
