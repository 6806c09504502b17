"""Outputs of stages, each in a folder named by the digest of what went in.

``root/<stage>/<digest>/`` is there with a complete manifest or not at all: it is written in a staging folder,
flushed to disk and renamed. So work may be done again after a crash, its effects are not.
"""

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from siu.errors import StateError
from siu.storage.digest import canonical_json, file_digest, value_digest
from siu.storage.durable import flush, flush_tree
from siu.storage.fault_points import fault_point

SCHEMA = 1
MANIFEST = "manifest.json"
_STAGE = re.compile(r"[a-z][a-z0-9_-]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Store:
    """Stage outputs below one folder.

    The inputs of a stage are a JSON-like mapping of all that determines its output. They are kept in the
    manifest, so they carry opaque ids and digests, never a name.

    Attributes:
        root: The folder; created when something is published.
    """

    root: Path

    def folder(self, stage: str, inputs: Mapping[str, Any]) -> Path:
        """Return where a stage's output lies or would lie.

        Raises:
            StateError: ``E-STO-001`` the stage's name is not a plain word.
        """
        if not _STAGE.fullmatch(stage):
            raise StateError("E-STO-001", f"{stage!r} is no stage name", "Use a-z, 0-9, _ and -")
        return self.root / stage / value_digest(_plain(inputs))

    def find(self, stage: str, inputs: Mapping[str, Any], *, verify: bool = False) -> Path | None:
        """Return a published output's folder, or None where there is none.

        Args:
            stage: The stage's name.
            inputs: What determines its output.
            verify: Also compare every file with its digest.

        Raises:
            StateError: ``E-STO-002`` the folder has no readable manifest, ``003`` files are missing, changed
                or added, ``004`` a newer version has written it.
        """
        return self.at(stage, self.folder(stage, inputs).name, verify=verify)

    def at(self, stage: str, digest: str, *, verify: bool = False) -> Path | None:
        """Return the published output of this plan digest, or None; arguments and errors as of `find`.

        Raises:
            StateError: Also ``E-STO-001`` stage or digest are no plain words.
        """
        if not _STAGE.fullmatch(stage) or not _DIGEST.fullmatch(digest):
            what = f"{stage!r}, {digest!r} are no stage name and digest"
            raise StateError("E-STO-001", what, "Use a-z, 0-9, _ and - and 64 hex digits")
        folder = self.root / stage / digest
        if not folder.is_dir():
            return None
        manifest = read_manifest(folder)
        if manifest.get("digest") != folder.name or manifest.get("stage") != stage:
            raise _unusable(folder, "its manifest belongs to another folder")
        _compare(folder, manifest["files"], verify=verify)
        return folder

    @contextmanager
    def publish(self, stage: str, inputs: Mapping[str, Any]) -> Iterator[Path]:
        """Yield an empty staging folder and publish it when the block ends without an exception.

        Where another process has published the same inputs meanwhile, its folder stays and this one is
        removed. After an exception nothing is left.

        Raises:
            StateError: ``E-STO-005`` the block wrote a link, another odd file or ``manifest.json``; see also
                `find`, as an unusable folder in the place of the output is never replaced.
        """
        final = self.folder(stage, inputs)
        self.find(stage, inputs)  # an unusable folder is reported before the work, not after it
        with self._staging() as staging:
            yield staging
            fault_point("publish.manifest")
            manifest = {
                "schema": SCHEMA,
                "stage": stage,
                "digest": final.name,
                "inputs": _plain(inputs),
                "files": _digests(staging),
            }
            (staging / MANIFEST).write_text(canonical_json(manifest) + "\n", encoding="utf-8")
            flush_tree(staging)
            fault_point("publish.rename")
            final.parent.mkdir(parents=True, exist_ok=True)
            try:
                staging.rename(final)
            except OSError:
                if self.find(stage, inputs) is None:  # not lost to another process: a real failure
                    raise
            fault_point("publish.renamed")
            flush(final.parent)

    def sweep(self) -> int:
        """Remove the staging folders of processes that died and return how many there were."""
        staging = self.root / ".staging"
        if not staging.is_dir():
            return 0
        return sum(_sweep_one(lock_file) for lock_file in sorted(staging.glob("*.lock")))

    @contextmanager
    def _staging(self) -> Iterator[Path]:
        """Yield a staging folder whose lock the kernel frees when this process dies."""
        base = self.root / ".staging"
        base.mkdir(parents=True, exist_ok=True)
        token = uuid.uuid4().hex
        folder, lock_file = base / token, base / f"{token}.lock"
        with FileLock(lock_file, thread_local=False):
            try:
                folder.mkdir()
                yield folder
            finally:  # the folder first: one without a lock file would never be swept
                shutil.rmtree(folder, ignore_errors=True)
                lock_file.unlink(missing_ok=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a published folder's manifest: schema, stage, digest, inputs, files.

    Raises:
        StateError: ``E-STO-002`` it is missing or broken, ``004`` a newer version has written it.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise _unusable(folder, "it has no readable manifest") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("schema"), int):
        raise _unusable(folder, "its manifest is broken")
    if manifest["schema"] > SCHEMA:
        what = f"the manifest has schema {manifest['schema']}, this version reads {SCHEMA}"
        raise StateError("E-STO-004", what, "Update siu", str(folder))
    files = manifest.get("files")
    try:
        digest = value_digest(manifest.get("inputs"))
    except (ValueError, RecursionError):  # NaN or a lone surrogate, which canonical JSON does not hold
        raise _unusable(folder, "its manifest is broken") from None
    if not isinstance(files, dict) or digest != manifest.get("digest"):
        raise _unusable(folder, "its manifest is broken")
    return manifest


def _sweep_one(lock_file: Path) -> bool:
    """Remove a staging folder unless its process lives; tell whether there was one."""
    try:
        with FileLock(lock_file, timeout=0):
            folder = lock_file.with_suffix("")
            left = folder.is_dir()
            shutil.rmtree(folder, ignore_errors=True)
            lock_file.unlink(missing_ok=True)
            return left
    except Timeout:
        return False


def _plain(inputs: Mapping[str, Any]) -> Any:
    """Return the inputs as a manifest gives them back: lists for tuples, texts for keys."""
    return json.loads(canonical_json(dict(inputs)))


def _unusable(folder: Path, why: str) -> StateError:
    remedy = "Remove the folder; the next run makes it again"
    return StateError("E-STO-002", f"the output can't be used: {why}", remedy, str(folder))


def _compare(folder: Path, expected: dict[str, str], *, verify: bool) -> None:
    """Raise where files are missing or, if asked, changed or added."""
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file() or (verify and file_digest(path) != digest):
            what = f"{name} is missing" + (" or changed" if verify else "")
            raise StateError("E-STO-003", what, "Remove the folder; the next run makes it again", str(folder))
    if verify and (added := sorted(set(_names(folder)) - {MANIFEST, *expected})):
        raise StateError("E-STO-003", f"{added[0]} was added", "Remove the file", str(folder))


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _digests(staging: Path) -> dict[str, str]:
    """Return the digest of each file below a staging folder."""
    digests = {}
    for name in _names(staging):
        path = staging / name
        if name == MANIFEST or path.is_symlink() or not path.is_file():
            what = f"the stage wrote {name}, which is reserved or not a plain file"
            raise StateError("E-STO-005", what, "Write plain files with other names")
        digests[name] = file_digest(path)
    return digests
