"""What is found by its name: objectives, attacks, metrics, strategies, worlds; SIU's own and others'.

SIU's own are the files of one package each. Another package adds some by entry points in its
``pyproject.toml``::

    [project.entry-points."siu.metrics"]
    my_metric = "my_package.my_metric"

Everything is looked up here by text, so that who checks or reads names (`siu.config`, `siu.models`) imports
nothing of what the names stand for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from siu.errors import InputError


@dataclass(frozen=True)
class Registry:
    """One kind of things that are found by name.

    Attributes:
        thing: What each of them is called, in messages.
        package: The package whose modules are SIU's own.
        entry_points: The group of entry points by which other packages add some.
        attribute: Makes of a name what the module calls the thing; None if the module itself is meant.
        module: What stands behind a name in the path of its module: worlds are packages of their own.
    """

    thing: str
    package: str
    entry_points: str
    attribute: Callable[[str], str] | None = None
    module: str = ""

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted; nothing is imported."""
        return tuple(sorted({*self.own_names(), *(entry.name for entry in self.plugins())}))

    def own_names(self) -> tuple[str, ...]:
        """Return the names of SIU's own, sorted."""
        return _module_names(self.package, self.module)

    def plugins(self) -> tuple[EntryPoint, ...]:
        """Return the entry points of other packages, by name."""
        return _entry_points(self.entry_points)

    def check(self, name: str) -> None:
        """Check that there is a thing of this name.

        Raises:
            ValueError: There is none; the message names all that there are.
        """
        if name not in self.names():
            raise ValueError(f"there is no {self.thing} {name!r}; {self._hint(name)}")

    def _hint(self, name: str) -> str:
        names, wanted = self.names(), name.lower().replace("-", "_")
        near = get_close_matches(wanted, names, n=1) or [
            known for known in names if wanted and wanted in known
        ]
        nearest = f"did you mean {near[0]}? It is " if near else "use "
        return f"{nearest}one of {', '.join(names)}"

    def load(self, name: str) -> Any:
        """Return the thing of this name.

        Raises:
            ValueError: There is none.
            InputError: ``E-PLG-001`` there are two; ``E-PLG-002`` another package's can't be loaded.
        """
        self.check(name)
        plugins = [entry for entry in self.plugins() if entry.name == name]
        if len(plugins) + (name in self.own_names()) > 1:
            raise InputError(
                "E-PLG-001",
                f"there are two {self.thing}s {name!r}",
                "Remove one of the packages that add them",
                f"{self.entry_points}: {', '.join(map(_origin, plugins))}",
            )
        if plugins:
            return _loaded(self.thing, plugins[0])
        module = import_module(f"{self.package}.{name}{self.module}")
        return module if self.attribute is None else getattr(module, self.attribute(name))

    def find(self, **attributes: str) -> Any | None:
        """Return the first thing, by name, whose attributes have these values; None if there is none."""
        candidates = (self.load(name) for name in self.names())
        conditions = attributes.items()
        return next(
            (
                candidate
                for candidate in candidates
                if all(getattr(candidate, key) == value for key, value in conditions)
            ),
            None,
        )


def _class_name(name: str) -> str:
    """Return `GaKl` for ``ga_kl``."""
    return name.title().replace("_", "")


OBJECTIVES = Registry("objective", "siu.objectives.methods", "siu.objectives", _class_name)
ATTACKS = Registry("attack", "siu.attacks.methods", "siu.attacks", _class_name)
METRICS = Registry("metric", "siu.mmubench.metrics", "siu.metrics")
STRATEGIES = Registry("strategy", "siu.strategies.methods", "siu.strategies", _class_name)
WORLDS = Registry("world", "siu.worlds", "siu.worlds", lambda name: "WORLD", ".world")


@cache
def _module_names(package: str, module: str) -> tuple[str, ...]:
    folder = Path(__file__).parents[1].joinpath(*package.split("."))
    pattern = f"*{module.replace('.', '/')}.py"
    names = (path.relative_to(folder).parts[0].removesuffix(".py") for path in folder.glob(pattern))
    return tuple(sorted(name for name in names if not name.startswith("_")))


@cache
def _entry_points(group: str) -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=group), key=lambda entry: entry.name))


@cache
def _loaded(thing: str, entry: EntryPoint) -> Any:
    """Return what an entry point names, whatever a foreign package raises when it is imported."""
    try:
        return entry.load()
    except Exception as error:
        raise InputError(
            "E-PLG-002",
            f"the {thing} {entry.name!r} can't be loaded ({type(error).__name__}: {error})",
            "Mend or remove the package that adds it",
            f"{entry.group}: {_origin(entry)}",
        ) from error


def _origin(entry: EntryPoint) -> str:
    return entry.value if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
