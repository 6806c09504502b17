"""What there is to know about each parameter: key, meaning, default and allowed values.

Read from the models in `siu.config.params`, so that ``params.yaml``, ``docs/reference/params.md``
and the messages can't differ from what is checked. ``python -m siu.config.fields`` prints the page's table.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from siu.config.params import Params, Section
from siu.config.section import MAX_COUNT

Key = tuple[str, ...]

TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section with keys of its own",
    "null": "null",
}


@dataclass(frozen=True)
class ParamField:
    """One parameter, or a section of parameters.

    Attributes:
        key: Path of keys from the root of ``params.yaml``.
        meaning: What it is for.
        allowed: The values it may have, such as "a number above 0 and at most 1".
        default: The default as JSON-like value; None for a section.
        is_section: Whether it holds further keys.
    """

    key: Key
    meaning: str
    allowed: str
    default: Any
    is_section: bool

    @property
    def dotted(self) -> str:
        """The key as users write it: ``unlearning.lr``."""
        return ".".join(self.key)


def param_fields(section: Section | None = None, above: Key = ()) -> Iterator[ParamField]:
    """Yield all parameters in the order of ``params.yaml``, each section before its fields."""
    section = Params() if section is None else section
    properties = type(section).model_json_schema()["properties"]
    defaults = section.model_dump(mode="json")
    for name, info in type(section).model_fields.items():
        key, value = (*above, name), getattr(section, name)
        meaning = (info.description or "").replace("\n", " ")
        if isinstance(value, Section):
            yield ParamField(key, meaning, TYPES["object"], None, is_section=True)
            yield from param_fields(value, key)
        else:
            yield ParamField(key, meaning, _allowed(properties[name]), defaults[name], is_section=False)


def params_table() -> str:
    """Return the Markdown table of all parameters."""
    lines = ["| Key | Default | Allowed | Meaning |", "|---|---|---|---|"]
    for field in param_fields():
        if field.is_section:
            lines.append(f"| **{field.dotted}** | | | **{field.meaning}** |")
        else:
            default = ", ".join(map(str, field.default)) if isinstance(field.default, list) else field.default
            cells = (field.dotted, "null" if default is None else str(default), field.allowed, field.meaning)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _allowed(schema: dict[str, Any]) -> str:
    """Put a field's JSON schema into words."""
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(_allowed(option) for option in schema["anyOf"])
    words = TYPES.get(schema.get("type", ""), "a value")
    if words == TYPES["array"]:
        least = schema.get("minItems", 0)
        items = "numbers" if schema["items"].get("type") in ("number", "integer") else "texts"
        each = _limits(schema["items"])
        count = f", at least {least}" if least else ""
        return f"a list of {items}{count}" + (f", each {each}" if each else "")
    return f"{words} {_limits(schema)}".strip()


def _limits(schema: dict[str, Any]) -> str:
    limits = [
        f"{text} {schema[bound]:g}" if schema[bound] < 1e6 else f"{text} {schema[bound]}"
        for bound, text in (
            ("exclusiveMinimum", "above"),
            ("minimum", "at least"),
            ("exclusiveMaximum", "below"),
            ("maximum", "at most"),
        )
        if bound in schema and schema[bound] != MAX_COUNT  # said once, for all of them
    ]
    return " and ".join(limits)


if __name__ == "__main__":
    sys.stdout.write(params_table())
