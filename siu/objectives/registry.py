"""Which objectives there are: the files of `siu.objectives.methods`, and those that other packages add."""

from typing import TYPE_CHECKING, Any

from siu.registry import OBJECTIVES

if TYPE_CHECKING:
    from siu.objectives.objective import Objective


def objective_names() -> tuple[str, ...]:
    """Return the names of all objectives, sorted; imports none of them."""
    return OBJECTIVES.names()


def objective_class(name: str) -> type["Objective"]:
    """Return an objective's class: `GaKl` in ``ga_kl.py`` for ``ga_kl``.

    Raises:
        ValueError: There is no such objective.
        InputError: ``E-PLG-001`` there are two, ``E-PLG-002`` another package's can't be loaded.
    """
    kind: type[Objective] = OBJECTIVES.load(name)
    return kind


def build_objective(name: str, options: dict[str, Any]) -> "Objective":
    """Return an objective with its options; those left out have their defaults.

    Raises:
        ValueError: There is no such objective.
        pydantic.ValidationError: An option is unknown or has a wrong value.
    """
    return objective_class(name).model_validate(options)
