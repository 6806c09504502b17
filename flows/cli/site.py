"""`siu site`: one index over everything that a workspace has to show."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, find_workspace, workspace_option

if TYPE_CHECKING:
    from siu.client import Client

NO_NAMES = ("E-CSV-001", "E-CSV-005")
"""The table is not there, or has no rows."""


@click.command(epilog=examples("siu site --open", "siu site --names"))
@workspace_option
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option("--names", is_flag=True, help="The edition with names, which links to the full reports.")
def site(workspace: Path | None, open_it: bool, names: bool) -> None:
    """Write reports/index.html: requests, releases, batches, studies, with links to their pages.

    It has ids and no names, and links to the redacted reports, unless --names asks for the other edition,
    reports/index-with-names.html.
    """
    from siu.client import Client
    from siu.report.site import write_site

    client = Client(find_workspace(workspace))
    page = write_site(client, names_of(client) if names else None)
    click.echo(page)
    if open_it:
        click.launch(page.as_uri())


def names_of(client: "Client") -> dict[str, str]:
    """Return the name of each row of the table, by request id, as it is written there."""
    from siu.data.intake.requests import read_table_of_requests
    from siu.errors import InputError

    table = client.workspace.requests_csv(client.workspace.params())
    try:
        rows = read_table_of_requests(table).rows
    except InputError as error:
        if error.code in NO_NAMES:
            return {}
        raise
    return {row.request_id: row.row.cells["name"] for row in rows if row.row.fault is None}
