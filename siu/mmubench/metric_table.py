"""The table of docs/reference/mmubench.md: every metric as its own file defines it."""

from siu.mmubench.metric_definition import Definition, GateRule
from siu.mmubench.metric_registry import definitions

_HEAD = ("name in `summary.json`", "definition", "unit", "better", "gate")
_SIDES = {"at_least": "≥", "at_most": "≤"}


def metric_table() -> str:
    """Return the table in Markdown, in the order of every table."""
    rows = [_HEAD, *(_row(definition) for definition in definitions())]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join((lines[0], "|---" * len(_HEAD) + "|", *lines[1:])) + "\n"


def _row(definition: Definition) -> tuple[str, ...]:
    text = definition.text.replace("``", "`").replace("|", "\\|")
    gate = _gate(definition.gate) if definition.gate else ""
    return f"`{definition.name}`", text, definition.unit, definition.arrow or "–", gate


def _gate(rule: GateRule) -> str:
    return f"{'fall ' if rule.drop else ''}{_SIDES[rule.side]} `{rule.param}`"


if __name__ == "__main__":
    print(metric_table())  # noqa: T201
