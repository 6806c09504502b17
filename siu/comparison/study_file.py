"""A study's YAML file: one of the ready ones by name, or a user's own by path."""

import difflib
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from siu.comparison.study import Method, Study
from siu.config.strict_yaml import plain_yaml
from siu.errors import InputError, PreflightError

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FOLDER = "siu.comparison"
_KNOWN: dict[int, tuple[str, ...]] = {1: tuple(Study.model_fields), 3: tuple(Method.model_fields)}


def ready_studies() -> tuple[str, ...]:
    """Return the names of the studies that come with the package."""
    entries = files(_FOLDER).joinpath("studies").iterdir()
    return tuple(sorted(Path(file.name).stem for file in entries if file.name.endswith(".yaml")))


def study_path(study: str) -> Path:
    """Return the file of a ready study, or the user's own.

    Raises:
        InputError: ``E-CMP-001`` there is neither.
    """
    if study in ready_studies():
        return Path(str(files(_FOLDER).joinpath("studies").joinpath(f"{study}.yaml")))
    path = Path(study)
    if not path.is_file() or not NAME.fullmatch(path.stem):
        what = f"{study!r} is neither a ready study nor a file named in a-z, 0-9, _ and -"
        raise InputError("E-CMP-001", what, f"Use {', '.join(ready_studies())}, or the path of a YAML file")
    return path


def load_study(path: Path) -> Study:
    """Read and check a study; its overrides of parameters are checked by `method_params`.

    Raises:
        PreflightError: The file can't be read, is not plain YAML, or has unknown keys or wrong values.
    """
    try:
        data = plain_yaml(path, if_missing="Start from a ready one: `siu compare --show > my-study.yaml`")
    except InputError as problem:
        raise PreflightError((problem,)) from None
    methods = data.get("methods")
    if isinstance(methods, dict):  # `siu:` alone is a method that changes nothing
        data["methods"] = {name: {} if method is None else method for name, method in methods.items()}
    try:
        return Study.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        problems = tuple(_problem(path, detail) for detail in error.errors(include_url=False))
        raise PreflightError(tuple(dict(zip(map(str, problems), problems, strict=True)).values())) from None


def _problem(path: Path, detail: Any) -> InputError:
    """Turn one of pydantic's findings into an error with a remedy."""
    place = [str(part) for part in detail["loc"] if "[" not in str(part) and part != "int"]
    where = f"{path}: {'.'.join(place)}"
    if detail["type"] == "value_error":
        what, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return InputError("E-CMP-003", what, remedy[:1].upper() + remedy[1:], str(path))
    if detail["type"] == "extra_forbidden":
        known = _KNOWN.get(len(place), ())
        near = difflib.get_close_matches(place[-1], known, n=1)
        remedy = f"Did you mean {near[0]}" if near else f"Remove it; known here: {', '.join(known)}"
        return InputError("E-CMP-002", "unknown key", remedy, where)
    return InputError("E-CMP-003", f"{detail['msg'][:1].lower()}{detail['msg'][1:]}", "Mend the value", where)
