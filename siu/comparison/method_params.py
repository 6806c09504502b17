"""A method's parameters: the workspace's, with what the study and the method change."""

from copy import deepcopy
from typing import Any

from siu.comparison.study import SETTABLE, Study
from siu.config.file import check_params
from siu.config.params import Params
from siu.config.preset import PRESET, merged, resolved
from siu.errors import InputError, PreflightError
from siu.problems import Problems


def method_params(base: Params, study: Study, method: str, place: str) -> Params:
    """Return the parameters of one method, checked as ``params.yaml`` is.

    Args:
        base: The workspace's parameters.
        study: The study.
        method: Name of the method.
        place: The study's file, for the errors.

    Raises:
        PreflightError: ``E-CMP-004`` a key outside of what a method may change, or ``E-PAR-…``.
    """
    values: dict[str, Any] = base.model_dump(mode="json")
    where = f"{place}: methods.{method}.set"
    changes = dict(study.methods[method].set)
    if changes.keys() & {"unlearning.objective", PRESET}:
        values["unlearning"]["objective_options"] = {}  # those of params.yaml belong to another objective
    if PRESET in changes:
        preset = resolved({PRESET: changes.pop(PRESET)}, where)
        values = merged(values, {section: preset[section] for section in SETTABLE})
    for key, value in changes.items():
        if key.split(".")[0] not in SETTABLE or "." not in key:
            remedy = f"Set keys below {' or '.join(SETTABLE)}, such as unlearning.objective"
            what = f"{key!r} is the same for all methods"
            raise PreflightError((InputError("E-CMP-004", what, remedy, where),))
        _put(values, key.split("."), value)
    params = check_params(values, where)
    values = params.model_dump(mode="json")
    values["evaluation"] |= study.evaluation
    values["unlearning"]["tuning"] |= study.tuning or {}
    values["attacks"] |= study.attacks or {}
    return check_params(values, place)


def all_method_params(base: Params, study: Study, place: str) -> dict[str, Params]:
    """Return every method's parameters.

    Raises:
        PreflightError: The problems of all methods at once.
    """
    problems, by_method = Problems(), {}
    for method in study.methods:
        with problems.noted():
            by_method[method] = method_params(base, study, method, place)
    problems.raise_if_any()
    return by_method


def _put(values: dict[str, Any], key: list[str], value: Any) -> None:
    """Set a nested value; what is not a section on the way becomes one, for the check to refuse."""
    *above, last = key
    for part in above:
        if not isinstance(values.get(part), dict):
            values[part] = {}
        values = values[part]
    values[last] = deepcopy(value)
