"""DVC's remotes: where each is, and the package that one of them wants."""

from configparser import ConfigParser

from siu.errors import StateError
from siu.storage.workspace import Workspace

EXTRAS = {"s3": "siu[s3]"}
"""What brings the package for a kind of remote; for other kinds it is DVC's own extra."""


def remotes(workspace: Workspace) -> dict[str, str]:
    """Return the address of each remote by its name; a path is relative to ``.dvc``."""
    config = ConfigParser(interpolation=None)
    config.read([workspace.root / ".dvc/config", workspace.root / ".dvc/config.local"], encoding="utf-8")
    sections = {name.strip("'"): config[name] for name in config.sections()}
    return {
        name.removeprefix("remote ").strip('"'): section["url"]
        for name, section in sections.items()
        if name.startswith("remote ") and "url" in section
    }


def is_elsewhere(url: str) -> bool:
    """Return whether an address of a remote is no folder of this machine."""
    return "://" in url


def missing_package(name: str, url: str, error: Exception) -> StateError:
    """Return the error of a remote whose package isn't installed: ``E-DVC-001``.

    Args:
        name: The remote's name.
        url: Its address.
        error: What DVC said.
    """
    scheme = url.partition("://")[0]
    remedy = f"Run `pip install '{EXTRAS.get(scheme, f'dvc[{scheme}]')}'`"
    return StateError("E-DVC-001", str(error).splitlines()[0], remedy, f"DVC remote {name}")
