"""Commands that look at what a workspace holds: `siu concepts`, `status`, `report`, `verify`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, find_workspace, json_option, workspace_folder_option, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace


@click.command()
@workspace_option
@json_option
def concepts(workspace: "Workspace", as_json: bool) -> None:
    """List the collection's concepts: what can be forgotten and measured."""
    from flows.cli.concepts import known_concepts
    from flows.cli.tables import show_concepts

    show_concepts(known_concepts(workspace), as_json)


@click.command()
@workspace_option
@json_option
def status(workspace: "Workspace", as_json: bool) -> None:
    """Show each request's state, from the ledger, and how the schedule stands."""
    from flows.cli.status import states
    from flows.cli.tables import show_states
    from tasks.schedule_log import Standing

    show_states(states(workspace), as_json)
    if not as_json and (schedule := str(Standing.of(workspace))):
        click.echo(schedule)


@click.command()
@workspace_option
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option("--redacted", is_flag=True, help="The edition without names, pictures and answers.")
@click.option("--json", "as_json", is_flag=True, help="Print its summary.json instead.")
def report(workspace: "Workspace", open_it: bool, redacted: bool, as_json: bool) -> None:
    """Print where the latest report is."""
    from siu.client import SUMMARY, Client

    client = Client(workspace)
    if as_json:
        click.echo(client.report_file(SUMMARY).read_text(encoding="utf-8"), nl=False)
        return
    path = client.report(redacted=redacted)
    click.echo(path)
    if open_it:
        click.launch(path.as_uri())


@click.command(
    epilog=examples("siu verify", "siu verify --offline /media/copy --key siu.pub --checkpoint june.txt")
)
@workspace_folder_option
@click.option("--repair", is_flag=True, help="Cut off a last line that a crash tore, keeping a record.")
@click.option("--head", metavar="HASH", help="A head kept elsewhere, which the ledger must still hold.")
@click.option("--key", default="", metavar="KEY", help="A public key known from elsewhere, or its file.")
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A checkpoint kept elsewhere: what it covers must be unchanged.",
)
@click.option(
    "--offline",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Check this copy, of a workspace or of its state/ alone; nothing is written.",
)
@json_option
def verify(
    folder: Path | None,
    repair: bool,
    head: str | None,
    key: str,
    checkpoint: Path | None,
    offline: Path | None,
    as_json: bool,
) -> None:
    """Hold everything against the ledger, and the ledger against its signatures; name every fault.

    The deployed release comes first. `python -m siu.audit FOLDER` does the same without the pipeline.
    """
    from flows.cli.status import text_of
    from flows.cli.status import verify as check

    if offline is not None:
        from siu.audit.command import checked

        if repair or folder is not None:
            raise click.UsageError("--offline writes nothing and names the folder; leave the others out")
        audit = checked(offline, key, checkpoint, head)
    else:
        audit = check(find_workspace(folder), repair=repair, head=head, key=key, checkpoint=checkpoint)
    click.echo(text_of(audit, as_json))
