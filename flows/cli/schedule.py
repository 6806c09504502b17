"""The commands `siu up` and `siu schedule`; what they do is in `flows.orchestration.service`."""

from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

PORT = click.IntRange(1, 65535)
cron_help = 'When batches run, for instance "*/15 * * * *".'
zone_option = click.option(
    "--timezone", metavar="ZONE", help="Such as Europe/Berlin; default: this machine's."
)
port_option = click.option(
    "--port", type=PORT, default=4200, show_default=True, help="Of Prefect, on loopback."
)


@click.command(epilog=examples("siu up", 'siu up --cron "0 3 * * *" --timezone Europe/Berlin'))
@workspace_option
@click.option("--cron", default="0 3 * * *", show_default=True, help=cron_help)
@zone_option
@port_option
@click.option(
    "--mlflow-port", type=PORT, default=5000, show_default=True, help="Of MLflow's page, on loopback."
)
def up(workspace: "Workspace", cron: str, timezone: str | None, port: int, mlflow_port: int) -> None:
    """Start Prefect, MLflow's page and the schedule of batches, behind a password, until Ctrl-C."""
    from flows.orchestration.service import ServiceOptions, serve

    serve(workspace, ServiceOptions(cron, timezone, port, mlflow_port), click.echo)


@click.command(
    epilog=examples(
        'siu schedule --cron "*/15 * * * *"', 'siu schedule --cron "0 3 * * *" --timezone Europe/Berlin'
    )
)
@workspace_option
@click.option("--cron", required=True, help=cron_help)
@zone_option
@port_option
def schedule(workspace: "Workspace", cron: str, timezone: str | None, port: int) -> None:
    """Do what `siu up` does, without MLflow's page; requests already served are skipped."""
    from flows.orchestration.service import ServiceOptions, serve

    serve(workspace, ServiceOptions(cron, timezone, port), click.echo)
