"""Presets: recipes by name, the values of what ``params.yaml`` leaves out."""

from copy import deepcopy
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from siu.errors import InputError, PreflightError

PRESET = "preset"
"""The key of ``params.yaml`` that names one. It is resolved when the file is read: parameters, plan digests
and summaries hold the values, never the name."""


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets."""
    folder = files("siu.config").joinpath("presets")
    return tuple(sorted(PurePath(file.name).stem for file in folder.iterdir()))


def preset_values(name: str) -> dict[str, Any]:
    """Return the values that a preset gives, as they would stand in ``params.yaml``.

    A preset may name another one, whose values stand below its own.
    """
    from siu.packaged import packaged_yaml  # `siu --help` needs the names alone

    values: dict[str, Any] = deepcopy(packaged_yaml("siu.config", f"presets/{name}.yaml"))
    below = values.pop(PRESET, None)
    return values if below is None else merged(preset_values(below), values)


def resolved(data: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the values of a file with those of the preset that it names; what stands in the file wins.

    Args:
        data: Nested mappings as they stand in ``params.yaml``; left as they are.
        place: Where they come from, for the error.

    Raises:
        PreflightError: ``E-PAR-006`` there is no such preset.
    """
    if PRESET not in data:
        return data
    name, changes = data[PRESET], {key: value for key, value in data.items() if key != PRESET}
    if name not in preset_names():
        remedy = f"Use {' or '.join(preset_names())}, or leave it out"
        problem = InputError("E-PAR-006", f"{name!r} is no preset", remedy, f"{place}: {PRESET}")
        raise PreflightError((problem,))
    return merged(preset_values(name), changes)


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return nested mappings as one; where both have a value, that of ``above`` stands."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = merged(old, value)
        result[key] = value
    return result
