"""Commands that look at what a workspace holds: `siu concepts`, `status`, `report`, `verify`."""

from pathlib import Path

import click

from flows.cli.options import find_workspace, json_option, workspace_option


@click.command()
@workspace_option
@json_option
def concepts(workspace: Path | None, as_json: bool) -> None:
    """List the collection's concepts: what can be forgotten and measured."""
    from flows.cli.concepts import known_concepts
    from flows.cli.tables import show_concepts

    show_concepts(known_concepts(find_workspace(workspace)), as_json)


@click.command()
@workspace_option
@json_option
def status(workspace: Path | None, as_json: bool) -> None:
    """Show each request's state, from the ledger."""
    from flows.cli.status import states
    from flows.cli.tables import show_states

    show_states(states(find_workspace(workspace)), as_json)


@click.command()
@workspace_option
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option("--redacted", is_flag=True, help="The edition without names, pictures and answers.")
@click.option("--json", "as_json", is_flag=True, help="Print its summary.json instead.")
def report(workspace: Path | None, open_it: bool, redacted: bool, as_json: bool) -> None:
    """Print where the latest report is."""
    from flows.cli.status import REDACTED, latest_report

    opened = find_workspace(workspace)
    if as_json:
        click.echo(latest_report(opened, "summary.json").read_text(encoding="utf-8"), nl=False)
        return
    path = latest_report(opened, REDACTED) if redacted else latest_report(opened)
    click.echo(path)
    if open_it:
        click.launch(path.as_uri())


@click.command()
@workspace_option
@click.option("--repair", is_flag=True, help="Cut off a last line that a crash tore, keeping a record.")
@click.option("--head", metavar="HASH", help="A head kept elsewhere, which the ledger must still hold.")
def verify(workspace: Path | None, repair: bool, head: str | None) -> None:
    """Check the ledger's chain and every published file; print the ledger's head."""
    from flows.cli.status import verify as check

    click.echo(check(find_workspace(workspace), repair=repair, head=head))
