"""What of the code decides a result: the sources used and the libraries that change numbers."""

from importlib import metadata
from pathlib import Path

from siu.digest import file_digest, value_digest

_ROOT = Path(__file__).parent
_SUFFIXES = frozenset({".py", ".yaml", ".json"})
LIBRARIES = (
    "anyascii",
    "numpy",
    "opencc",
    "peft",
    "pillow",
    "pyspellchecker",
    "rapidfuzz",
    "tokenizers",
    "torch",
    "transformers",
)


def source_digest(*parts: str) -> str:
    """Return a digest of the sources of parts of `siu`; the same for any order of the parts.

    Not the git commit: committing a result would make that result stale. Nothing is imported.

    Args:
        parts: Packages or modules below `siu`: ``"models"``, ``"mmubench.metrics"``, ``"unlearning"``.

    Raises:
        ValueError: No part has this name.
    """
    files = {file for part in parts for file in _files(part)}
    return value_digest([[file.relative_to(_ROOT).as_posix(), file_digest(file)] for file in sorted(files)])


def library_versions() -> dict[str, str]:
    """Return the installed version of each library that changes numbers; ``absent`` for a missing one."""
    return {name: _version(name) for name in LIBRARIES}


def _files(part: str) -> list[Path]:
    words = part.removeprefix("siu.").split(".")
    place = _ROOT.joinpath(*words)
    if all(word.isidentifier() for word in words):
        if place.is_dir():
            return [file for file in place.rglob("*") if file.suffix in _SUFFIXES and file.is_file()]
        if (module := place.with_suffix(".py")).is_file():
            return [module]
    raise ValueError(f"siu has no part {part!r}")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
