"""`siu doctor`: what is there, what is missing, what to do; a line for each."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from flows.cli.exit_codes import DONE, FOUND_WRONG, INCOMPLETE
from flows.cli.options import examples, json_option, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

EXIT = {"ok": DONE, "warn": INCOMPLETE, "fail": FOUND_WRONG}
PORT = click.IntRange(1, 65535)


@click.command(epilog=examples("siu doctor", "siu doctor --json"))
@workspace_option
@click.option("--port", type=PORT, default=4200, show_default=True, help="Of Prefect, in `siu up`.")
@click.option("--mlflow-port", type=PORT, default=5000, show_default=True, help="Of MLflow, in `siu up`.")
@json_option
def doctor(workspace: "Workspace", port: int, mlflow_port: int, as_json: bool) -> None:
    """Look at machine, workspace and service; say what is wrong and what to do about it.

    Nothing is changed. The exit code is 0 if all is well, 3 if somebody should look, 4 if batches can't run.
    """
    from tasks.health.check import worst
    from tasks.health.examination import examine

    checks = []
    for check in examine(workspace, (port, mlflow_port)):
        checks.append(check)
        if not as_json:
            remedy = f" -> {check.remedy}" if check.remedy else ""
            click.echo(f"{check.health:4}  {check.name}: {check.text}{remedy}")
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2))
    sys.exit(EXIT[worst(checks)])
