"""Which metrics there are: those of the files in `siu.mmubench.metrics`, and those of other packages."""

from collections.abc import Iterator
from functools import cache
from types import ModuleType

from siu.errors import InputError
from siu.mmubench.metric_definition import Definition, Measure
from siu.registry import METRICS


@cache
def definitions() -> tuple[Definition, ...]:
    """Return every metric in the order of every table.

    Raises:
        InputError: ``E-PLG-001`` two have one name, ``E-PLG-002`` a package's metric can't be loaded.
    """
    every = [definition for name in METRICS.names() for definition in _defined_by(name)]
    by_name: dict[str, Definition] = {}
    for definition in sorted(every, key=lambda definition: (definition.order, definition.name)):
        if definition.name in by_name:
            raise InputError(
                "E-PLG-001",
                f"there are two metrics {definition.name!r}",
                "Remove one of the packages that add them",
                METRICS.entry_points,
            )
        by_name[definition.name] = definition
    return tuple(by_name.values())


def _defined_by(name: str) -> Iterator[Definition]:
    """Yield the metrics of a file, or what an entry point names: a module of metrics, or one metric."""
    loaded = METRICS.load(name)
    if not isinstance(loaded, ModuleType):
        measures = [loaded]
    else:  # without what the file takes from others
        measures = [value for value in vars(loaded).values() if _module_of(value) == loaded.__name__]
    for measure in measures:
        if isinstance(measure, Measure) and measure.definition is not None:
            yield measure.definition


def _module_of(value: object) -> str | None:
    return getattr(value, "__module__", None)
