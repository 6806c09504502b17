"""What of the code decides a result: the import closure of the work, and libraries that change numbers."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path, PurePosixPath

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
    """

    def __init__(
        self,
        root: Path,
        packages: Iterable[str],
        *,
        outside: Iterable[str] = (),
        leaves: Iterable[str] = (),
        covered: Iterable[str] = (),
    ) -> None:
        self._root = root
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
        listed = [found for package in imports.listed for found in self._modules_of(package)]
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
