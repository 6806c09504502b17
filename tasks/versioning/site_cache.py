"""DVC's site cache, kept inside the workspace and closed to others.

DVC keeps the absolute paths and digests of all files it looks at, also of a request's picture, in a folder
of the machine that everybody can read (``/var/tmp/dvc``), and reads pickles from it.
"""

import os
from configparser import ConfigParser
from pathlib import Path

FOLDER = ".dvc-site"
VARIABLE = "DVC_SITE_CACHE_DIR"


def site_cache(root: Path) -> Path:
    """Make the site cache of a workspace, which only its owner can open, and return it."""
    folder = root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    ignored = folder / ".gitignore"  # of its own, as the workspace may be older than this folder
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    return folder


def site_cache_environment(root: Path) -> dict[str, str]:
    """Return what tells ``dvc init`` where the site cache is; it can't be configured before."""
    return {VARIABLE: os.environ.get(VARIABLE) or os.fspath(site_cache(root))}


def configure_site_cache(root: Path) -> None:
    """Tell DVC in ``.dvc/config.local`` where the site cache is, also after the workspace was moved."""
    file, folder = root / ".dvc" / "config.local", os.fspath(site_cache(root))
    config = ConfigParser(interpolation=None)
    config.read(file, encoding="utf-8")
    if config.get("core", "site_cache_dir", fallback=None) != folder:
        config.read_dict({"core": {"site_cache_dir": folder}})
        with file.open("w", encoding="utf-8") as written:
            config.write(written)
