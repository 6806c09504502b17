"""`siu site`: one index over everything that a workspace has to show."""

from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace


@click.command(epilog=examples("siu site --open", "siu site --names"))
@workspace_option
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option("--names", is_flag=True, help="The edition with names, which links to the full reports.")
def site(workspace: "Workspace", open_it: bool, names: bool) -> None:
    """Write reports/index.html: requests, releases, batches, studies, with links to their pages.

    It has ids and no names, and links to the redacted reports, unless --names asks for the other edition,
    reports/index-with-names.html.
    """
    from siu.client import Client
    from siu.report.site import write_site
    from tasks.known_requests import display_names

    client = Client(workspace)
    page = write_site(client, display_names(client.workspace) if names else None)
    click.echo(page)
    if open_it:
        click.launch(page.as_uri())
