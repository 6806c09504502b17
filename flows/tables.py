"""Tables for people and JSON for programs."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from tasks.outcome import Outcome

if TYPE_CHECKING:
    from flows.ask import Answers

SHOWN = {
    "efficacy": "Efficacy ↑",
    "generality_em": "Generality EM ↑",
    "yes_no_em": "Yes/no EM ↑",
    "text_facts": "Text facts ↑",
    "specificity_names": "Other names ↑",
    "look_alikes": "Look-alikes ↑",
    "groups": "Groups ↑",
    "multi_hop_leak": "Multi-hop leak ↓",
    "min_k_auc": "Min-K% AUC → 0.5",
    "min_k_two_sided": "Min-K% two-sided ↓",
    "fluency": "Fluency ↓",
}


def batch_table(outcomes: Sequence[Outcome]) -> Table:
    """Return a table of the main metrics, before → after, a column per request."""
    table = Table("before → after", *(f"{one.request_id}\n{one.verdict_name}" for one in outcomes))
    for key, label in SHOWN.items():
        cells = [f"{_number(one.before.get(key))} → {_number(one.after.get(key))}" for one in outcomes]
        table.add_row(label, *cells)
    return table


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
