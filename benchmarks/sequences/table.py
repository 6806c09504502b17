"""The table of sequences: what the last release does, by strategy, order and seed."""

import json
from pathlib import Path
from typing import Any

from benchmarks.sequences.protocol import SELECTION, earlier

RETAINED = ("retained_name", "held_out_name", "held_out_fact", "text_perplexity")


def results(folder: Path) -> list[dict[str, Any]]:
    """Return what the sequences in a folder left, by file name."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


def is_selection(result: dict[str, Any]) -> bool:
    """Return whether its concepts are those that settings are chosen on."""
    return set(result["requests"]) <= set(SELECTION)


def markdown(folder: Path) -> str:
    """Return the table; of earlier concepts the mean and, after the slash, the worst."""
    head = (
        "strategy",
        "order, seed",
        "concepts",
        "requests, releases",
        "EM ↑",
        "worst EM's bound ↑",
        "yes/no EM ↑",
        "leak@10 beyond strangers ↓",
        "text facts ↑",
        "new: EM ↑",
        "retained names ↑",
        "held-out names ↑",
        "held-out facts ↑",
        "text perplexity ↓",
        "CPU s",
    )
    lines = [head, ("---",) * len(head), *(_row(result) for result in results(folder))]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    last = result["releases"][-1]
    before = earlier(last)
    new = [last["concepts"][concept] for concept in last["new"]]
    return (
        f"`{result['strategy']}`",
        f"{result['order']}, {result['seed']}",
        "selection" if is_selection(result) else "measured",
        f"{len(result['requests'])}, {last['release']}",
        _both(before, "em", min),
        f"{min(values['em_bound'] for values in before):.2f}",
        _both(before, "yes_no", min),
        _both(before, "leak_beyond", max),
        _both(before, "text_facts", min),
        _both(new, "em", min),
        *(f"{last['others'][name]:.3f}" for name in RETAINED),
        f"{sum(row['cpu_seconds'] for row in result['releases']):.0f}",
    )


def _both(rows: list[dict[str, float]], name: str, worst: Any) -> str:
    values = [values[name] for values in rows if name in values]
    return f"{sum(values) / len(values):.2f} / {worst(values):.2f}"
