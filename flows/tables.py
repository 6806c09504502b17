"""Tables for people and JSON for programs."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from siu.verdict import Verdict
from tasks.outcome import Outcome, Released

if TYPE_CHECKING:
    from flows.ask import Answers

SHOWN = {
    "efficacy": "Efficacy ↑",
    "generality_em": "Generality EM ↑",
    "description_em": "Description EM ↑",
    "group_em": "Group EM ↑",
    "yes_no_em": "Yes/no EM ↑",
    "text_facts": "Text facts ↑",
    "held_out_names": "Held-out names ↑",
    "specificity_names": "Other names ↑",
    "look_alikes": "Look-alikes ↑",
    "groups": "Groups ↑",
    "picture_facts": "Facts through the picture ↓",
    "garbled_rate": "Garbled ↓",
    "min_k_auc": "Min-K% AUC → 0.5",
    "min_k_two_sided": "Min-K% two-sided ↓",
    "fluency": "Fluency ↓",
}


def batch_table(outcomes: Sequence[Outcome], released: Released | None) -> Table:
    """Return a table of the main metrics, before → after, a column per request.

    What is shown of a released request is the release, which is deployed. Its verdict stands at the head with
    how hard it was tested, and that of the request's own adapter below it.
    """
    table = Table("before → after", *(_heading(outcome, released) for outcome in outcomes))
    for key, label in SHOWN.items():
        table.add_row(label, *(_cell(outcome, released, key) for outcome in outcomes))
    return table


def shown_verdict(outcome: Outcome, released: Released | None) -> Verdict | None:
    """Return the verdict that people see: the release's where the request is in it, else its own."""
    if released is not None and outcome.request_id in released.verdicts:
        return released.verdicts[outcome.request_id]
    return outcome.verdict


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
        _json({"question": answers.question, "before": answers.before, "after": answers.after})
        return
    table = Table("before", "after", title=answers.question)
    table.add_row(answers.before, answers.after)
    _print(table)


def show_states(states: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Show each request's state."""
    if as_json:
        _json(list(states))
        return
    table = Table("request", "state", "verdict", "since")
    for state in states:
        table.add_row(state["request_id"], state["state"], state["verdict"] or "", state["since"])
    _print(table)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _print(table: Table) -> None:
    Console().print(table, markup=False)
