"""`siu site`: one index over everything that a workspace has to show."""

from pathlib import Path

import click

from flows.cli.options import examples, find_workspace, workspace_option


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
    from tasks.known_requests import display_names

    client = Client(find_workspace(workspace))
    page = write_site(client, display_names(client.workspace) if names else None)
    click.echo(page)
    if open_it:
        click.launch(page.as_uri())
