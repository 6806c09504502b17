"""The command `siu schedule`; what it does is in `flows.orchestration.schedule`."""

from pathlib import Path

import click

from flows.cli.options import examples, find_workspace, workspace_option


@click.command(
    epilog=examples(
        'siu schedule --cron "*/15 * * * *"', 'siu schedule --cron "0 3 * * *" --timezone Europe/Berlin'
    )
)
@workspace_option
@click.option("--cron", required=True, help='When, for instance "*/15 * * * *".')
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Berlin; default: this machine's.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=4200,
    show_default=True,
    help="Port of the Prefect server on loopback.",
)
def schedule(workspace: Path | None, cron: str, timezone: str | None, port: int) -> None:
    """Run the batch on a schedule until Ctrl-C; requests already served are skipped."""
    from flows.orchestration.schedule import serve

    serve(find_workspace(workspace), cron, port, click.echo, timezone)
