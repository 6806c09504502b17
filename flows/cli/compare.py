"""The command `siu compare`: checked, then run by Prefect, then shown; what it runs is imported inside."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from flows.cli.exit_codes import DONE, INCOMPLETE
from flows.cli.options import examples, json_option, workspace_option

if TYPE_CHECKING:
    from flows.comparison.study import ComparisonResult
    from siu.storage.workspace import Workspace

SHOWN = (
    "generality_em",
    "yes_no_em",
    "text_facts",
    "held_out_names",
    "specificity_names",
    "look_alikes",
    "groups",
    "loss_of_held_out",
    "loss_of_others",
)
"""The measures that the command shows; the page has all."""


@click.command(
    epilog=examples("siu compare", "siu compare mine.yaml --only siu", "siu compare --show > mine.yaml")
)
@click.argument("study", default="methods")
@workspace_option
@click.option("--only", multiple=True, metavar="METHOD", help="Run this method; may be given several times.")
@click.option("--show", is_flag=True, help="Print the study's file and run nothing.")
@json_option
def compare(study: str, workspace: "Workspace", only: tuple[str, ...], show: bool, as_json: bool) -> None:
    """Compare methods on the same concepts and seeds, tuned on equal budgets.

    STUDY is a ready study (methods, ablations, defence, frontier or robustness) or the path of a YAML file.
    """
    from siu.comparison.study_file import study_path

    if show:
        click.echo(study_path(study).read_text(encoding="utf-8"), nl=False)
        return
    sys.exit(compare_and_show(workspace, study, only, as_json))


def compare_and_show(workspace: "Workspace", study: str, only: Sequence[str], as_json: bool) -> int:
    """Run a study and show what came of it; return the exit code.

    Raises:
        PreflightError: Parameters or the study have problems.
        InputError: There is no such study or method.
    """
    from flows.comparison.plan import check_study

    check_study(workspace, study, only)
    from flows.orchestration.served import run_study

    result = run_study(workspace, study, only)
    if as_json:
        sys.stdout.write(json.dumps(as_values(result), indent=2, ensure_ascii=False) + "\n")
    else:
        _show(result)
    return INCOMPLETE if result.failed else DONE


def as_values(result: "ComparisonResult") -> dict[str, Any]:
    """Return a study's result for programs: means with intervals per method, failures, places."""
    statuses = [outcome.status for outcome in result.results]
    return {
        "study": result.comparison.name,
        "folder": str(result.comparison.folder),
        "runs": {status: statuses.count(status) for status in ("done", "failed", "not run")},
        "methods": {
            method: {key: [cell.mean.mean, cell.mean.low, cell.mean.high] for key, cell in cells.items()}
            for method, cells in result.table.items()
        },
        "failures": {str(failure.run): failure.reason for failure in result.failed},
        "notes": list(result.notes),
    }


def _show(result: "ComparisonResult") -> None:
    from rich.table import Table

    from flows.terminal.console import plain_console
    from siu.comparison.countdown import duration
    from siu.comparison.measures import MEASURES
    from siu.comparison.table import BASE

    console = plain_console()
    if result.skipped:
        console.print("Everything was there already: nothing to do.")
    headings = {measure.key: f"{measure.label} {measure.arrow}".rstrip() for measure in MEASURES}
    lines = Table("Method", *(headings[key] for key in SHOWN), title=result.comparison.name)
    for method, cells in result.table.items():
        numbers = (cells[key].mean.mean for key in SHOWN)
        texts = ("not measured" if number is None else f"{number:.3f}" for number in numbers)
        lines.add_row(method, *texts, end_section=method == BASE)
    console.print(lines)
    for failure in result.failed:
        console.print(f"{failure.run}: failed: {failure.reason}")
    for note in result.notes:
        console.print(f"note: {note}")
    console.print(f"Page: {result.comparison.folder / 'index.html'}", soft_wrap=True)
    console.print(f"Done in {duration(result.seconds)}.")
