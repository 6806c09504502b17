"""`siu release recipient`, `give`, `notify`, `acknowledge`: who has a release and is told of a newer one."""

import json
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, json_option, workspace_option
from flows.cli.release import release as release

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

number_option = click.option(
    "--number", type=click.IntRange(1), help="Release number; default: the deployed one."
)


@release.command(
    epilog=examples('siu release recipient x-1 --name "Example Ltd" --address erasure@example.org')
)
@click.argument("recipient_id", metavar="ID")
@click.option("--name", required=True, help="Who it is; kept in a private file.")
@click.option(
    "--address",
    required=True,
    help="How to reach them (e-mail, post, or where that is written down); private too.",
)
@workspace_option
def recipient(recipient_id: str, name: str, address: str, workspace: "Workspace") -> None:
    """Register somebody who gets releases; the ledger has the id and a keyed commitment."""
    from tasks.batch_lock import only_batch
    from tasks.recipients import register

    with only_batch(workspace):
        register(workspace, recipient_id, name, address)
    click.echo(f"{recipient_id} is registered; `siu release give {recipient_id}` when they get a release")


@release.command(epilog=examples("siu release give x-1", "siu release give x-1 --number 2"))
@click.argument("recipient_id", metavar="ID")
@number_option
@workspace_option
def give(recipient_id: str, number: int | None, workspace: "Workspace") -> None:
    """Write down that a recipient got a release; `siu export` writes it."""
    from tasks.batch_lock import only_batch
    from tasks.recipients import note_given

    with only_batch(workspace):
        chosen = note_given(workspace, recipient_id, number)
    click.echo(f"{recipient_id} has release {chosen}")


@release.command(epilog=examples("siu release notify", "siu release notify --json"))
@workspace_option
@json_option
def notify(workspace: "Workspace", as_json: bool) -> None:
    """List who got a release, and who is still to be told of the deployed one (GDPR Art. 19).

    The list has names and addresses; nothing is sent.
    """
    from tasks.recipients import notifications

    rows = notifications(workspace)
    if as_json:
        click.echo(json.dumps([row.to_json() for row in rows], indent=2, ensure_ascii=False))
        return
    if not rows:
        click.echo("Nobody is registered. `siu release recipient` adds somebody.")
        return
    for row in rows:
        who = (
            f"{row.recipient.name}, {row.recipient.address}" if row.recipient else "name and address missing"
        )
        word = "NOTIFY" if row.is_to_be_told else "nothing to tell"
        has = f"has release {row.newest or 'none'}, acknowledged {row.acknowledged or 'none'}"
        click.echo(f"{row.recipient_id}: {word}; {has}; {who}")
    click.echo(f"To notify: {sum(row.is_to_be_told for row in rows)} of {len(rows)}")


@release.command(epilog=examples("siu release acknowledge x-1 --number 3"))
@click.argument("recipient_id", metavar="ID")
@number_option
@workspace_option
def acknowledge(recipient_id: str, number: int | None, workspace: "Workspace") -> None:
    """Write down that a recipient has said to use a release in place of what they had."""
    from tasks.batch_lock import only_batch
    from tasks.recipients import note_acknowledged

    with only_batch(workspace):
        chosen = note_acknowledged(workspace, recipient_id, number)
    click.echo(f"{recipient_id} has acknowledged release {chosen}")
