"""Install the lock into the environment of the Python that runs this: `make setup` does it.

Each file's digest is checked, with one exception that is said aloud: a build of the locked torch that lies
on this machine (already installed, or in a folder that pip is configured to look in) is taken as it is. The
lock can know the digests of the index's builds alone, which on Linux bring CUDA. Nothing is resolved, and
nothing else is downloaded, not even to build the few packages that come as sources.
"""

import argparse
import subprocess
import sys
from importlib import invalidate_caches, metadata
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
PARTS = ("run", "dev", "world-logos", "dask", "ray", "s3", "s3-server", "signing", "docs")
QUIET = ("--quiet", "--disable-pip-version-check")
PIP = (sys.executable, "-m", "pip", "install", *QUIET, "--no-deps", "--no-build-isolation")
UV = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
INSTALLERS = {"uv": (*UV, "--python", sys.executable), "pip": PIP}


def main() -> None:
    """Install core and pipeline, and the tools of developers and extras where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--installer", choices=tuple(INSTALLERS), default="uv")
    parser.add_argument("--no-editable", action="store_true", help="install a copy of the checkout")
    options = parser.parse_args()
    install = INSTALLERS[options.installer]
    _locked(PIP, "setup")
    _install_torch(install)
    _locked(install, *options.parts)
    _run(*install, *([] if options.no_editable else ["--editable"]), str(ROOT))


def torch_version() -> str:
    """Return the version of torch that is locked."""
    lines = (FOLDER / "torch.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch==")).split()[0].removeprefix("torch==")


def _install_torch(install: tuple[str, ...]) -> None:
    """Keep the torch that is there, or take one from this machine's disk, or else the index's."""
    version = torch_version()
    if not _has_build_of(version):
        on_disk = (*PIP, "--no-index", f"torch=={version}")
        subprocess.run(on_disk, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if _has_build_of(version):
        what = "is a build of this machine: its version was checked, its digest was not"
        sys.stdout.write(f"torch {metadata.version('torch')} {what}\n")
    else:
        _locked(install, "torch")


def _has_build_of(version: str) -> bool:
    """Return whether a build of this version is installed other than the index's, which needs CUDA."""
    invalidate_caches()
    try:
        installed, needed = metadata.version("torch"), metadata.requires("torch") or []
    except metadata.PackageNotFoundError:
        return False
    is_cuda = any(requirement.startswith(("nvidia-", "cuda-", "triton")) for requirement in needed)
    return installed.split("+")[0] == version and not is_cuda


def _locked(install: tuple[str, ...], *parts: str) -> None:
    files = [word for part in parts for word in ("-r", str(FOLDER / f"{part}.txt"))]
    _run(*install, "--require-hashes", *files)


def _run(*command: str) -> None:
    if code := subprocess.run(command, check=False).returncode:
        sys.exit(code)


if __name__ == "__main__":
    main()
