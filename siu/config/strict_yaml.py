"""YAML as people write settings: one mapping, plain values, nothing that could build objects."""

from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

from siu.errors import InputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20


def plain_yaml(path: Path, *, if_missing: str) -> dict[str, Any]:
    """Return a file's mapping, free of tags, aliases and duplicate keys; an empty file is an empty mapping.

    Args:
        path: The file.
        if_missing: The remedy named where it can't be read.

    Raises:
        InputError: ``E-PAR-001`` it can't be read, ``002`` is no YAML, ``003`` holds more than plain values,
            ``005`` is not a mapping.
    """
    text = _text(path, if_missing)
    try:
        _refuse_fancy_yaml(path, text)
        data = YAML(typ="safe", pure=True).load(StringIO(text))
    except MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        what = " ".join(str(error.problem or error.context).split())
        raise InputError(
            "E-PAR-002",
            f"not valid YAML: {what}",
            "Mend the line; each key once, indented by spaces",
            f"{path}{line}",
        ) from None
    except InputError:
        raise
    except (YAMLError, ValueError, TypeError) as error:
        what = " ".join(str(error).split())
        raise InputError("E-PAR-002", f"not valid YAML: {what}", "Mend the file", str(path)) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InputError("E-PAR-005", "the file is not a mapping", "Write keys and values", str(path))
    _refuse_odd_keys(path, data)
    return data


def _text(path: Path, remedy: str) -> str:
    if not path.is_file():
        raise InputError("E-PAR-001", "the file is missing or not a file", remedy, str(path))
    if path.stat().st_size > MAX_BYTES:
        raise InputError("E-PAR-001", f"the file is larger than {MAX_BYTES} bytes", remedy, str(path))
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("E-PAR-001", "the file is not UTF-8", "Save it as UTF-8", str(path)) from None


def _refuse_fancy_yaml(path: Path, text: str) -> None:
    """Refuse what could build objects or blow up: tags, anchors, aliases, deep nesting."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(StringIO(text)):
        where = f"{path}:{event.start_mark.line + 1}"
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InputError("E-PAR-003", f"nested deeper than {MAX_DEPTH} levels", "Flatten it", where)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise InputError("E-PAR-003", "anchors and aliases are not read", "Write the value out", where)
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag:
            raise InputError("E-PAR-003", f"the tag {event.tag} is not read", "Write a plain value", where)


def _refuse_odd_keys(path: Path, value: Any) -> None:
    """Refuse keys such as ``3``, ``null`` or a list: as JSON they would turn into other keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise InputError(
                    "E-PAR-003", f"the key {key!r} is not a text", "Rename or remove it", str(path)
                )
            _refuse_odd_keys(path, inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_odd_keys(path, inner)
