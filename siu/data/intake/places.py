"""Whether a path that a user wrote stays below its folder."""

from pathlib import Path


def leads_out(path: Path, folder: Path) -> bool:
    """Tell whether a path, with all links followed, lies elsewhere than below a folder, or nowhere."""
    try:
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle
        return True
