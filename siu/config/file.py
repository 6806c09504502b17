"""``params.yaml``: read with every mistake named, written with every field's meaning beside it."""

import difflib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from siu.config.fields import Key, ParamField, param_fields
from siu.config.params import Params, UnlearningParams
from siu.config.preset import PRESET, resolved
from siu.config.section import MAX_COUNT, MAX_PATH, MAX_PATH_PART
from siu.config.strict_yaml import plain_yaml
from siu.errors import InputError, PreflightError
from siu.registry import ATTACKS, OBJECTIVES


def load_params(path: Path) -> Params:
    """Read and check ``params.yaml``; keys left out have their defaults, an empty file has them all.

    Raises:
        PreflightError: The file can't be read, is not plain YAML 1.2, or has unknown keys or wrong values;
            all problems at once, each an `InputError` with a code ``E-PAR-…``.
    """
    try:
        data = plain_yaml(path, if_missing="Run `siu init` to get one with all defaults")
    except InputError as problem:
        raise PreflightError((problem,)) from None
    return check_params(data, str(path))


def check_params(data: dict[str, Any], place: str) -> Params:
    """Return parameters from plain values; keys left out are those of the preset, else have their defaults.

    Args:
        data: Nested mappings as they stand in ``params.yaml``.
        place: Where the values come from, for the errors.

    Raises:
        PreflightError: All unknown keys and wrong values at once.
    """
    data = resolved(data, place)
    try:
        # JSON, because the strict models then still take a list for a tuple and 1 for 1.0.
        return Params.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        fields = _known_fields(data)
        problems = tuple(_problem(place, detail, fields) for detail in error.errors(include_url=False))
        raise PreflightError(problems) from None


def write_default_params(
    path: Path, preset: str | None = None, changes: dict[str, Any] | None = None
) -> None:
    """Write a ``params.yaml`` with all values, the meaning of each key as a comment above it.

    Args:
        path: The file.
        preset: Whose values, one of `preset_names`; None for the defaults.
        changes: Values that stand above those, as in the file; None for none.

    Raises:
        FileExistsError: The file is already there; it is never overwritten.
    """
    lines = ["# Parameters of a run (YAML 1.2). A key left out has the default written here."]
    named = {} if preset is None else {PRESET: preset}
    params = check_params({**named, **(changes or {})}, str(path))
    if preset is not None:
        lines = [
            "# Parameters of a run (YAML 1.2). A key left out has the value of the preset, as written here.",
            f"{PRESET}: {preset}",
        ]
    for field in param_fields(params):
        indent = "  " * (len(field.key) - 1)
        if len(field.key) == 1:
            lines.append("")
        lines.append(f"{indent}# {field.meaning}" + ("" if field.is_section else f" ({field.allowed})"))
        value = "" if field.is_section else f" {_scalar_or_flow(field.default)}"
        lines.append(f"{indent}{field.key[-1]}:{value}")
    with path.open("x", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _scalar_or_flow(value: Any) -> str:
    """Return a value in YAML on one line; JSON is YAML, and plain where that is the same."""
    plain = isinstance(value, str) and value.replace("_", "a").isalnum() and value.lower() not in _YAML_WORDS
    return str(value) if plain and not value[0].isdigit() else json.dumps(value)


_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def _known_fields(data: dict[str, Any]) -> dict[Key, ParamField]:
    """Return what there is to set, with the options of the objective and the attacks that the file names."""
    fields = list(param_fields())
    unlearning = data.get("unlearning")
    if isinstance(unlearning, dict) and unlearning.get("objective_options"):
        name = unlearning.get("objective", UnlearningParams().objective)
        if name in OBJECTIVES.names():
            fields += param_fields(OBJECTIVES.load(name)(), ("unlearning", "objective_options"))
    attacks = data.get("attacks")
    if isinstance(attacks, dict) and isinstance(attacks.get("options"), dict):
        for name in attacks["options"]:
            if name in ATTACKS.names():
                fields += param_fields(ATTACKS.load(name)(), ("attacks", "options", name))
    return {field.key: field for field in fields}


def _problem(place: str, detail: Any, fields: dict[Key, ParamField]) -> InputError:
    """Turn one of pydantic's findings into an error with a remedy."""
    key = tuple(part for part in detail["loc"] if isinstance(part, str))
    where = f"{place}: {'.'.join(map(str, detail['loc']))}"
    kind, value = detail["type"], _shown(detail["input"])
    if kind == "extra_forbidden":
        return InputError(
            "E-PAR-004", f"unknown key with the value {value}", _did_you_mean(key, fields), where
        )
    if kind == "value_error":
        what, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return InputError("E-PAR-007", what, remedy[:1].upper() + remedy[1:] or "Change one of them", where)
    field = fields.get(key)
    default = "" if field is None or field.is_section else f"; the default is {_shown(field.default)}"
    remedy = f"Use {field.allowed if field else 'a section'}{default}"
    if kind == "less_than_equal" and detail["ctx"]["le"] == MAX_COUNT:
        remedy = f"Use {MAX_COUNT} at most{default}"
    if kind == "path":
        remedy = f"Use a path of at most {MAX_PATH} printable characters, {MAX_PATH_PART} bytes a part"
    if kind.endswith("_type"):
        return InputError("E-PAR-005", f"{value} has the wrong type", remedy, where)
    return InputError("E-PAR-006", f"{value} is not allowed", remedy, where)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _did_you_mean(key: Key, fields: dict[Key, ParamField]) -> str:
    """Suggest the nearest key of the same section, else the same key of another one, else list them."""
    siblings = {known[-1]: known for known in fields if known[:-1] == key[:-1]}
    near = [siblings[name] for name in difflib.get_close_matches(key[-1], siblings, n=1)]
    elsewhere = [known for known in fields if known[-1] == key[-1]]
    nearest = elsewhere if elsewhere else near
    if nearest:
        return "Did you mean " + " or ".join(fields[known].dotted for known in nearest)
    return "Remove it; known here: " + (", ".join(siblings) or "nothing")
