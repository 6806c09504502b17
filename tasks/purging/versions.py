"""DVC's copies: objects in the cache and in remotes on this machine, run cache, site cache."""

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from siu.audit.traces import shows
from siu.storage.workspace import Workspace
from tasks.purging.names import Traces
from tasks.versioning.commit import file_md5
from tasks.versioning.remotes import is_elsewhere, remotes
from tasks.versioning.site_cache import FOLDER as SITE

CACHE = ".dvc/cache"


def stores(workspace: Workspace) -> list[Path]:
    """Return the cache and every remote that is a folder of this machine."""
    urls = [url for url in remotes(workspace).values() if not is_elsewhere(url)]
    return [workspace.root / CACHE, *((workspace.root / ".dvc" / url).resolve() for url in urls)]


def other_remotes(workspace: Workspace) -> list[str]:
    """Return the names of remotes elsewhere, which are not purged."""
    return [name for name, url in remotes(workspace).items() if is_elsewhere(url)]


def md5s_below(paths: Iterable[Path]) -> set[str]:
    """Return by which names DVC keeps files, and those in folders."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return {file_md5(file) for file in files if file.is_file() and not file.is_symlink()}


def copies_of(workspace: Workspace, md5s: set[str]) -> list[Path]:
    """Return DVC's files that hold, list or name some contents; a commit makes shared ones again."""
    copies = []
    for store in stores(workspace):
        gone = set(md5s)
        for listing in sorted((store / "files/md5").glob("*/*.dir")):
            if gone & set(_listed(listing)):
                gone.add(f"{listing.parent.name}{listing.name}")
        copies += [
            path for md5 in sorted(gone) if (path := store / "files/md5" / md5[:2] / md5[2:]).is_file()
        ]
        for run in sorted((store / "runs").rglob("*")):
            if run.is_file() and any(
                md5 in run.read_text(encoding="utf-8", errors="replace") for md5 in gone
            ):
                copies.append(run)
    return copies


def copies_with(workspace: Workspace, traces: Traces, known: Iterable[Path]) -> list[Path]:
    """Return DVC's other files that show something of a request, such as those of earlier versions.

    What DVC has of the collection and of the base model is the operator's own and stays. Of a concept that
    the collection has, tables and records go: the data of others name it too.
    """
    copies = set(known)
    for store in stores(workspace):
        left = [path for path in sorted((store / "files/md5").glob("*/*")) if path not in copies]
        stay = {
            md5
            for listing in left
            if listing.suffix == ".dir" and _lists_data(listing)
            for md5 in (*_listed(listing), f"{listing.parent.name}{listing.name}")
        }
        for path in left:
            is_data = f"{path.parent.name}{path.name}" in stay
            if not is_data and (shows(path, traces.telling) or _is_table(path, traces)):
                copies.add(path)
    more = copies - set(known)
    listings = {f"{path.parent.name}{path.name}" for path in more}
    return sorted(more | (set(copies_of(workspace, listings)) - set(known)))


def _lists_data(listing: Path) -> bool:
    text = listing.read_text(encoding="utf-8", errors="replace")
    return '"concepts.jsonl"' in text or '"identity.json"' in text


def _is_table(path: Path, traces: Traces) -> bool:
    return shows(path, traces.names) and shows(path, (b"request_id",))


def forget_copies(workspace: Workspace, copies: Iterable[Path]) -> int:
    """Delete DVC's files and its site cache, which knows paths and digests; return how many files."""
    count = 0
    for path in copies:
        path.chmod(0o600)  # DVC keeps them read-only
        path.unlink(missing_ok=True)
        count += 1
    shutil.rmtree(workspace.root / SITE, ignore_errors=True)
    shutil.rmtree(workspace.root / ".dvc/tmp", ignore_errors=True)
    return count


def _listed(listing: Path) -> Iterator[str]:
    try:
        rows = json.loads(listing.read_text(encoding="utf-8"))
    except ValueError:
        return
    yield from (str(row.get("md5")) for row in rows if isinstance(row, dict))
