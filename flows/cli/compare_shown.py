"""`siu compare`: checked first, then run by Prefect, then shown."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.table import Table as Lines

from flows.cli.console import plain_console
from flows.cli.exit_codes import DONE, QUARANTINED
from flows.comparison.plan import check_study
from flows.comparison.study import ComparisonResult
from siu.comparison.countdown import duration
from siu.comparison.table import BASE
from siu.storage.workspace import Workspace

SHOWN = {
    "generality_em": "Generality EM ↑",
    "yes_no_em": "Yes/no EM ↑",
    "text_facts": "Text facts ↑",
    "held_out_names": "Held-out names ↑",
    "specificity_names": "Other names ↑",
    "look_alikes": "Look-alikes ↑",
    "groups": "Groups ↑",
    "loss_of_held_out": "Loss of held-out ↓",
    "loss_of_others": "Loss of others ↓",
}


def compare_and_show(workspace: Workspace, study: str, only: Sequence[str], as_json: bool) -> int:
    """Run a study and show what came of it; return the exit code.

    Raises:
        PreflightError: Parameters or the study have problems.
        InputError: There is no such study or method.
    """
    check_study(workspace, study, only)
    from flows.orchestration.served import run_study

    result = run_study(workspace, study, only)
    if as_json:
        sys.stdout.write(json.dumps(as_values(result), indent=2, ensure_ascii=False) + "\n")
    else:
        _show(result)
    return QUARANTINED if result.failed else DONE


def as_values(result: ComparisonResult) -> dict[str, Any]:
    """Return a study's result for programs: means with intervals per method, failures, places."""
    statuses = [one.status for one in result.results]
    return {
        "study": result.comparison.name,
        "folder": str(result.comparison.folder),
        "runs": {status: statuses.count(status) for status in ("done", "failed", "not run")},
        "methods": {
            method: {key: [cell.mean.mean, cell.mean.low, cell.mean.high] for key, cell in cells.items()}
            for method, cells in result.table.items()
        },
        "failures": {str(one.run): one.reason for one in result.failed},
        "notes": list(result.notes),
    }


def _show(result: ComparisonResult) -> None:
    console = plain_console()
    if result.skipped:
        console.print("Everything was there already: nothing to do.")
    lines = Lines("Method", *SHOWN.values(), title=result.comparison.name)
    for method, cells in result.table.items():
        numbers = (cells[key].mean.mean for key in SHOWN)
        texts = ("not measured" if number is None else f"{number:.3f}" for number in numbers)
        lines.add_row(method, *texts, end_section=method == BASE)
    console.print(lines)
    for one in result.failed:
        console.print(f"{one.run}: failed: {one.reason}")
    for note in result.notes:
        console.print(f"note: {note}")
    console.print(f"Page: {result.comparison.folder / 'index.html'}", soft_wrap=True)
    console.print(f"Done in {duration(result.seconds)}.")
