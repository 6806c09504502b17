"""Tables for people and JSON for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from flows.batch_result import shown_verdict
from flows.terminal.console import plain_console
from siu.data.verdict_names import ORDER
from siu.mmubench.metric_registry import definitions
from tasks.outcome import Outcome, Released

if TYPE_CHECKING:
    from flows.cli.ask import Answers
    from flows.cli.concepts import KnownConcept

OTHER_BASE = "The base model is not known to be the one that the adapter was trained on."
SHOWN = {
    metric.name: f"{metric.label} {metric.arrow}".rstrip() for metric in definitions() if metric.is_brief
}
"""The metrics of the short table."""


def batch_table(outcomes: Sequence[Outcome], released: Released | None) -> Table:
    """Return a table of the main metrics, before → after, a column per request worked on.

    What is shown of a released request is the release, which is deployed. Its verdict stands at the head with
    how hard it was tested, and that of the request's own adapter below it.
    """
    outcomes = [outcome for outcome in outcomes if outcome.outputs]
    table = Table("before → after", *(_heading(outcome, released) for outcome in outcomes))
    for key, label in SHOWN.items():
        table.add_row(label, *(_cell(outcome, released, key) for outcome in outcomes))
    return table


def _heading(outcome: Outcome, released: Released | None) -> str:
    verdict = shown_verdict(outcome, released)
    if verdict is None or verdict is outcome.verdict:
        return f"{outcome.request_id}\n{outcome.verdict_words}"
    return f"{outcome.request_id}\n{verdict.words}\nalone: {outcome.verdict_words}"


def _cell(outcome: Outcome, released: Released | None, key: str) -> str:
    before, after = outcome.before, outcome.after
    if released is not None and outcome.request_id in released.parts:
        before, after = released.before(outcome.request_id), released.after(outcome.request_id)
    return f"{_number(before.get(key))} → {_number(after.get(key))}"


def show_answers(answers: "Answers", as_json: bool) -> None:
    """Show the answers before and after side by side."""
    if as_json:
        _json(asdict(answers))
        return
    if answers.after is None:
        table = Table("base model", title=answers.question)
        table.add_row(answers.before)
        _print(table)
        return
    caption = "\n".join(filter(None, (OTHER_BASE if answers.other_base else "", answers.remark))) or None
    table = Table("before", "after", title=answers.question, caption=caption)
    table.add_row(answers.before, answers.after)
    _print(table)


def show_states(states: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Show each request's state."""
    if as_json:
        _json(list(states))
        return
    waits = any(state["state"] == "waiting" for state in states)
    caption = "waiting: a person decides (`siu release list`)" if waits else None
    table = Table("request", "state", "verdict", "why", "since", "due", caption=caption)
    for state in states:
        verdict, code = state["verdict"] or "", state["code"] or ""
        if state.get("assurance") and verdict in ORDER:
            verdict = f"{verdict} ({state['assurance']})"
        due = f"{state['due']} OVERDUE" if state["overdue"] else state["due"]
        table.add_row(state["request_id"], state["state"], verdict, code, state["since"], due)
    _print(table)


def show_concepts(rows: "Sequence[KnownConcept]", as_json: bool) -> None:
    """Show the collection's concepts."""
    if as_json:
        _json([asdict(row) for row in rows])
        return
    table = Table("id", "name", "kind", "unseen pictures", "held out")
    for row in rows:
        table.add_row(row.id, row.name, row.kind, str(row.pictures), "held out" if row.is_held_out else "")
    _print(table)


def show_scores(scores: dict[str, Any], as_json: bool) -> None:
    """Print the scores as a table, a column per concept, or as JSON."""
    if as_json:
        _json(scores)
        return
    concepts = scores["concepts"]
    heads = (f"{name}\n{card['verdict']}" if "verdict" in card else name for name, card in concepts.items())
    table = Table("before → after" if scores["adapter"] else "base model", *heads)
    for key, label in SHOWN.items():
        table.add_row(label, *(_values(card, key) for card in concepts.values()))
    _print(table)
    if scores["other_base"]:
        plain_console().print(OTHER_BASE)


def _values(scores: dict[str, Any], key: str) -> str:
    return " → ".join(_number(scores[state][key]) for state in ("before", "after") if state in scores)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _print(table: Table) -> None:
    plain_console().print(table)
