"""What of the code decides a result: the import closure of the work, and libraries that change numbers."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from siu.registry import Registry
from siu.source_imports import Import, Imports, read_imports
from siu.storage.digest import file_digest, value_digest

LIBRARIES = (
    "anyascii",
    "num2words",
    "numpy",
    "opencc",
    "peft",
    "pillow",
    "pillow-heif",
    "pyspellchecker",
    "rapidfuzz",
    "resvg-py",
    "scipy",
    "simplepycons",
    "tokenizers",
    "torch",
    "transformers",
)
DATA = frozenset({".css", ".html", ".jinja", ".json", ".yaml"})
_INIT = "/__init__.py"
_NOTHING = ""


class SourceTree:
    """The sources of some packages, read once and never run.

    A closure starts at a module and takes in each own module that a run of it can import: at the top, inside
    functions, through a package's re-exports, by a registry. A package's ``__init__`` that only re-exports is
    looked up name by name: what it names beside is not what is used.

    Not the git commit: committing a result would make that result stale.

    Args:
        root: The folder that the packages lie in.
        packages: Their names.
        outside: Modules that decide no result: they and what only they import count nowhere.
        leaves: Modules that count, but not what they import.
        covered: Packages whose data files are covered by another digest.
        registries: Modules that load any module of a package by its name, each with that package.
    """

    def __init__(
        self,
        root: Path,
        packages: Iterable[str],
        *,
        outside: Iterable[str] = (),
        leaves: Iterable[str] = (),
        covered: Iterable[str] = (),
        registries: Mapping[str, str] | None = None,
    ) -> None:
        self._root, self._registries = root, registries or {}
        self._outside, self._leaves, self._covered = frozenset(outside), frozenset(leaves), frozenset(covered)
        files = [file for package in packages for file in (root / package).rglob("*.*")]
        names = [file.relative_to(root).as_posix() for file in files if file.suffix in (".py", *DATA)]
        self._files = {_module(name): name for name in names if name.endswith(".py")}
        self._data = self._beside(name for name in names if not name.endswith(".py"))
        self._imports: dict[str, Imports] = {}
        self._digests: dict[str, str] = {}

    def closure(self, start: str) -> frozenset[str]:
        """Return the modules that a module's work can import, itself and their packages among them.

        Raises:
            ValueError: There is no such module, or one loads others by names that the source doesn't tell.
        """
        if start not in self._files:
            raise ValueError(f"there is no module {start!r}")
        reached: set[str] = set()
        seen: set[Import] = set()
        waiting: list[Import] = [(start, "*")]
        with _no_collector():
            while waiting:
                target = waiting.pop()
                if target not in seen:
                    seen.add(target)
                    waiting.extend(self._follow(target, reached))
        return frozenset(reached)

    def digest(self, start: str) -> str:
        """Return a digest of the closure's sources and of the data files beside them; errors as `closure`."""
        files = {file for module in self.closure(start) for file in self.files(module)}
        return value_digest([[file, self._digest(file)] for file in sorted(files)])

    def files(self, module: str) -> list[str]:
        """Return a module's file and the data files beside it, those in folders without code included."""
        file = self._files[module]
        return [file, *self._data.get(_folder(file), [])]

    def _beside(self, data: Iterable[str]) -> dict[str, list[str]]:
        """Return data files by the nearest folder with code above them."""
        folders = {_folder(file) for file in self._files.values()}
        covered = {_folder(self._files[package]) for package in self._covered if package in self._files}
        beside: dict[str, list[str]] = {}
        for file in data:
            above = [parent.as_posix() for parent in PurePosixPath(file).parents]
            if covered.isdisjoint(above):
                beside.setdefault(next(folder for folder in above if folder in folders), []).append(file)
        return beside

    def _follow(self, target: Import, reached: set[str]) -> Iterator[Import]:
        """Note the module of an import, if it counts, and yield the imports that it leads to."""
        module, name = target
        if f"{module}.{name}" in self._files:
            yield f"{module}.{name}", "*"
        elif module in self._files and module not in self._outside:
            if module not in reached:
                reached.add(module)
                yield from self._packages_above(module)
            if name != _NOTHING and module not in self._leaves:
                yield from self._leads_to(module, name)

    def _leads_to(self, module: str, name: str) -> Iterable[Import]:
        imports = self._read(module)
        if self._is_package(module) and name in imports.names:
            return [imports.names[name]]
        loaded = [(self._registries[module], "*")] if module in self._registries else []
        listed = [module for package in (*imports.listed, *loaded) for module in self._modules_of(package)]
        lazies = imports.names.values() if name == "*" else ()
        return [*imports.taken, *lazies, *listed]

    def _packages_above(self, module: str) -> Iterator[Import]:
        """Yield the package that a module lies in: importing it runs that, which matters if it acts."""
        while module := module.rpartition(".")[0]:
            if module in self._files:
                yield module, "*" if self._read(module).acts else _NOTHING

    def _modules_of(self, package: Import) -> list[Import]:
        name = package[0] if package[1] == "*" else ".".join(package)
        return [(module, "*") for module in self._files if module == name or module.startswith(f"{name}.")]

    def _read(self, module: str) -> Imports:
        if module not in self._imports:
            source = (self._root / self._files[module]).read_bytes()
            self._imports[module] = read_imports(source, module, is_package=self._is_package(module))
        return self._imports[module]

    def _is_package(self, module: str) -> bool:
        return self._files[module].endswith(_INIT)

    def _digest(self, file: str) -> str:
        if file not in self._digests:
            self._digests[file] = file_digest(self._root / file)
        return self._digests[file]


def library_versions() -> dict[str, str]:
    """Return the installed version of each library that changes numbers; ``absent`` for a missing one."""
    return {name: _version(name) for name in LIBRARIES}


def plugin_digests(registry: Registry) -> dict[str, list[str]]:
    """Return name and version of the distribution, and a digest of its files, of what other packages add.

    The files are those that the distribution says it has, and all of the package that is named, which an
    editable installation has somewhere else. Nothing is imported.

    Args:
        registry: Whose entry points; without any the result is empty.
    """
    return {entry.name: _plugin(entry) for entry in registry.plugins()}


def _plugin(entry: metadata.EntryPoint) -> list[str]:
    files = {**_files_of_package(entry.module.partition(".")[0]), **_files_of_distribution(entry.dist)}
    digest = value_digest([[name, file_digest(files[name])] for name in sorted(files)])
    return [*(("", "") if entry.dist is None else (entry.dist.name, entry.dist.version)), entry.value, digest]


def _files_of_package(package: str) -> dict[str, Path]:
    spec = find_spec(package)
    if spec is None:
        return {}
    if not spec.submodule_search_locations:
        return {f"{package}.py": Path(str(spec.origin))}
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    paths = [(path, folder) for folder in folders for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder.parent).as_posix(): path for path, folder in paths}
    return {name: path for name, path in names.items() if not name.endswith(".pyc")}


def _files_of_distribution(distribution: metadata.Distribution | None) -> dict[str, Path]:
    listed = (distribution.files if distribution else None) or []
    paths = {file.as_posix(): Path(str(file.locate())) for file in listed if file.suffix != ".pyc"}
    # The metadata's own folder says when and how it was installed, not what it does.
    return {name: path for name, path in paths.items() if ".dist-info/" not in name and path.is_file()}


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the garbage collector off thousands of syntax trees: with it reading them takes twice as long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
