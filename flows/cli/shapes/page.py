"""``json.md`` and ``json-schemas.json``: ``python -m flows.cli.shapes.page docs/reference`` writes them.

Both are made of the shapes in this package, which tests hold against what the commands print.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from flows.cli.shapes import SHAPES

PAGE, SCHEMAS = "json.md", "json-schemas.json"
HEAD = f"""\
# JSON

What commands print with `--json`. It goes to stdout, progress to stderr; what a user can mend is lines on
stderr, with exit code 2 and no JSON. A field that stands here is there, unless it is *optional*; no other is.
The same as [JSON Schema]({SCHEMAS}), by command.
This page is written by `python -m flows.cli.shapes.page docs/reference`.
"""


def schemas() -> dict[str, dict[str, Any]]:
    """Return each command's JSON Schema."""
    return {command: shape.json_schema(by_alias=True) for command, shape in SHAPES.items()}


def json_page() -> str:
    """Return the page: what each command prints, then the objects, each once."""
    objects: dict[str, dict[str, Any]] = {}
    commands = []
    for command, schema in schemas().items():
        objects |= schema.get("$defs", {})
        if "properties" in schema:
            objects[schema["title"]] = schema
            commands.append(f"| `{command}` | {_link(schema['title'])} |")
        else:
            commands.append(f"| `{command}` | {_type(schema)} |")
    parts = [_table(name, schema) for name, schema in objects.items()]
    return "\n".join((HEAD, "| command | prints |", "|---|---|", *commands, "", "## Objects", "", *parts))


def write(folder: Path) -> None:
    """Write the page and the schemas."""
    (folder / PAGE).write_text(json_page(), encoding="utf-8")
    text = json.dumps(schemas(), indent=1, ensure_ascii=False) + "\n"
    (folder / SCHEMAS).write_text(text, encoding="utf-8")


def _table(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"### {_words(name)}",
        "",
        _linked(schema["description"]),
        "",
        "| field | type | meaning |",
        "|---|---|---|",
    ]
    for field, value in schema["properties"].items():
        optional = "" if field in schema.get("required", ()) else ", optional"
        rows.append(f"| `{field}` | {_type(value)}{optional} | {_linked(value.get('description', ''))} |")
    return "\n".join((*rows, ""))


def _type(value: dict[str, Any]) -> str:
    """Return a type in words; an object is a link to its table."""
    if "$ref" in value:
        return _link(value["$ref"].rpartition("/")[2])
    if "anyOf" in value:
        return " or ".join(_type(choice) for choice in value["anyOf"])
    if "enum" in value:
        return "one of " + ", ".join(f"`{choice}`" for choice in value["enum"])
    kind = value.get("type", "any value")
    if kind == "array" and "prefixItems" in value:
        return f"[{', '.join(_type(item) for item in value['prefixItems'])}]"
    if kind == "array":
        return f"list of {_type(value['items'])}"
    if kind == "object":
        inner = value.get("additionalProperties")
        return f"by name: {_type(inner)}" if isinstance(inner, dict) else "object"
    return str(kind)


def _linked(text: str) -> str:
    """Return a text with the pages that it names as links."""
    return re.sub(r"docs/reference/(\w+)\.md", r"[\1](\1.md)", text).replace(
        "docs/explanation/pipeline.md", "[pipeline](../explanation/pipeline.md)"
    )


def _words(name: str) -> str:
    """Return the heading of an object: its name without what all of them end in."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Shape")).capitalize()


def _link(name: str) -> str:
    words = _words(name)
    return f"[{words}](#{words.lower().replace(' ', '-')})"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
