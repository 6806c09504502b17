"""The machine and what is installed on it: Python, versions, disk, memory, cores."""

import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata
from importlib.util import cache_from_source, find_spec
from pathlib import Path

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from siu.config.params import Params
from siu.errors import SiuError
from siu.storage.workspace import Workspace
from tasks.health.check import Check

PACKAGE, SERVER = "siu", "prefect"
LOCK = Path(__file__).parents[2] / "constraints.txt"
FEWEST_BYTES, FEW_BYTES = 500 << 20, 5 << 30
NAMED = 5
"""Packages that a line names."""


def python(_workspace: Workspace, _params: Params) -> Check:
    """Look at Python's version."""
    version, text = platform.python_version(), f"{platform.python_version()} at {sys.executable}"
    if _installed(PACKAGE) and version not in SpecifierSet(metadata.metadata(PACKAGE)["Requires-Python"]):
        return Check("python", "fail", text, "Install a newer Python")
    return Check("python", "ok", text)


def versions(_workspace: Workspace, _params: Params) -> Check:
    """Hold what is installed against what is required, and against the lock where that is there."""
    unfit = [line for line in map(_unfit, _required()) if line]
    if unfit:
        return Check(
            "versions", "fail", "; ".join(unfit[:NAMED]), "Run `pip install -c constraints.txt -e .`"
        )
    if not LOCK.is_file():
        return Check("versions", "ok", f"siu {_installed(PACKAGE)}; all that is required is there")
    names = {requirement.name.lower() for requirement in _required()}
    locked = dict(
        line.split(";")[0].strip().split("==") for line in LOCK.read_text().splitlines() if "==" in line
    )
    installed = {name: version for name in locked if name.lower() in names and (version := _installed(name))}
    differing = [
        f"{name} {version} (locked: {locked[name]})"
        for name, version in installed.items()
        if version.split("+")[0] != locked[name]
    ]
    if differing:
        text = f"{len(differing)} not as locked: {'; '.join(differing[:NAMED])}"
        return Check("versions", "warn", text, "Run `make setup`; numbers may differ from those of the lock")
    return Check("versions", "ok", f"siu {_installed(PACKAGE)}; all as locked")


def bytecode(_workspace: Workspace, _params: Params) -> Check:
    """Look whether what every process imports is compiled, or will be when it is imported next."""
    source = find_spec(SERVER)
    assert source is not None
    assert source.origin is not None
    packages = Path(source.origin).parents[1]
    compiled = Path(cache_from_source(source.origin))
    if compiled.is_file():
        return Check("bytecode", "ok", "installed packages are compiled")
    if not sys.dont_write_bytecode and os.access(packages, os.W_OK):
        return Check("bytecode", "ok", "installed packages are compiled when they are imported")
    why = "PYTHONDONTWRITEBYTECODE is set" if sys.dont_write_bytecode else f"{packages} can't be written"
    text = f"{why} and nothing is compiled: each process compiles all it imports, for most of a short batch"
    return Check("bytecode", "warn", text, f"Run `{sys.executable} -m compileall -q {packages}` once")


def _unfit(requirement: Requirement) -> str:
    """Return what is wrong with a package that is required; empty where nothing is."""
    version = _installed(requirement.name)
    if version is not None and requirement.specifier.contains(version, prereleases=True):
        return ""
    return f"{requirement.name} {version or 'missing'} (wants {requirement.specifier})"


def _required() -> list[Requirement]:
    """Return what siu and its pipeline require on this machine."""
    try:
        lines = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:  # run from a checkout that isn't installed
        return []
    return [
        requirement
        for requirement in map(Requirement, lines)
        if requirement.marker is None or requirement.marker.evaluate({"extra": "pipeline"})
    ]


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def writable(workspace: Workspace, _params: Params) -> Check:
    """Write and remove a file, in the workspace and where its state lies."""
    for folder in (workspace.root, workspace.state):
        if not folder.is_dir():
            continue
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
                pass
        except OSError as error:
            remedy = f"Give {_user()} the right to write there, or mount it writable"
            return Check("workspace", "fail", f"{folder} can't be written: {error.strerror}", remedy)
    return Check("workspace", "ok", f"{workspace.root} can be written")


def _user() -> str:
    return f"user {os.getuid()}"


def disk(workspace: Workspace, _params: Params) -> Check:
    """Look at the free space."""
    free = shutil.disk_usage(workspace.root).free
    text = f"{free / (1 << 30):.1f} GB free"
    remedy = "Free some, or purge requests that were served (`siu purge`)"
    if free < FEWEST_BYTES:
        return Check("disk", "fail", text, remedy)
    return Check("disk", "warn", text, remedy) if free < FEW_BYTES else Check("disk", "ok", text)


def memory(workspace: Workspace, params: Params) -> Check:
    """Hold the estimate of all workers against the memory that is free."""
    from siu.models.preview import preview

    try:
        estimate = preview(
            params.base_model,
            params.unlearning,
            params.runtime,
            workspace.root,
            params.evaluation,
            params.release,
        ).memory
    except SiuError as error:
        return Check("memory", "fail", str(error), "Mend that first; no batch can begin")
    needed = params.runtime.workers * estimate.peak
    free = psutil.virtual_memory().available
    text = f"{needed / (1 << 30):.1f} GB for {params.runtime.workers} workers, {free / (1 << 30):.1f} GB free"
    if needed > free and params.runtime.device != "cuda":
        return Check("memory", "warn", text, "Set runtime.workers lower, or end what else runs here")
    return Check("memory", "ok", text)


def cores(_workspace: Workspace, params: Params) -> Check:
    """Hold workers and their threads against the cores that this process may use."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = params.runtime.workers * params.runtime.threads
    text = f"{available} cores for {params.runtime.workers} workers of {params.runtime.threads} threads"
    if threads > available:
        return Check("cores", "warn", text, "Set runtime.workers or runtime.threads lower; more is slower")
    return Check("cores", "ok", text)
