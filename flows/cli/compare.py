"""The command `siu compare`; what it runs is imported inside."""

import sys
from pathlib import Path

import click

from flows.cli.options import examples, find_workspace, json_option, workspace_option


@click.command(
    epilog=examples("siu compare", "siu compare mine.yaml --only siu", "siu compare --show > mine.yaml")
)
@click.argument("study", default="methods")
@workspace_option
@click.option("--only", multiple=True, metavar="METHOD", help="Run this method; may be given several times.")
@click.option("--show", is_flag=True, help="Print the study's file and run nothing.")
@json_option
def compare(study: str, workspace: Path | None, only: tuple[str, ...], show: bool, as_json: bool) -> None:
    """Compare methods on the same concepts and seeds, tuned on equal budgets.

    STUDY is a ready study (methods, ablations, defence, frontier or robustness) or the path of a YAML file.
    """
    from siu.comparison.study_file import study_path

    if show:
        click.echo(study_path(study).read_text(encoding="utf-8"), nl=False)
        return
    found = find_workspace(workspace)
    from flows.cli.compare_shown import compare_and_show

    sys.exit(compare_and_show(found, study, only, as_json))
