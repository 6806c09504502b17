"""`siu release`: which adapter is deployed, who decided that, and the way back."""

import json
from typing import TYPE_CHECKING, Any

import click

from flows.cli.options import examples, json_option, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; kept in a private file.")


@click.group()
def release() -> None:
    """List, show, accept, compare and take back releases."""


@release.command(name="list")
@workspace_option
@json_option
def list_(workspace: "Workspace", as_json: bool) -> None:
    """List all releases with their state and their worst verdict."""
    from rich.table import Table

    from flows.terminal.console import plain_console
    from tasks.releases import all_releases

    numbered = all_releases(workspace)
    if as_json:
        _json([chosen.to_json() for chosen in numbered.values()])
        return
    if not numbered:
        click.echo("No release yet. Run `siu batch`.")
        return
    table = Table("release", "state", "requests", "worst", "measured", "accepted by")
    for number, chosen in sorted(numbered.items()):
        by = f"{chosen.accepted[-1]['actor']} ({chosen.accepted[-1]['rule']})" if chosen.accepted else ""
        table.add_row(
            str(number), chosen.state, str(len(chosen.members)), chosen.strictest, chosen.measured, by
        )
    plain_console().print(table)


@release.command(epilog=examples("siu release show 3", "siu release show 3 --json"))
@click.argument("number", type=click.IntRange(1))
@workspace_option
@json_option
def show(number: int, workspace: "Workspace", as_json: bool) -> None:
    """Show a release's members, their verdicts, and each member's verdicts over all releases."""
    from rich.table import Table

    from flows.terminal.console import plain_console
    from siu.data.releases import member_history
    from tasks.releases import all_releases, release_of

    chosen, numbered = release_of(workspace, number), all_releases(workspace)
    history = {request_id: member_history(numbered, request_id) for request_id in chosen.verdicts}
    if as_json:
        _json({**chosen.to_json(), "history": history})
        return
    parent = f", after release {chosen.parent}" if chosen.parent else ""
    click.echo(f"release {number}: {chosen.state}{parent}; plan {chosen.plan}")
    for acceptance in chosen.accepted:
        click.echo(f"  accepted {acceptance['time']} by {acceptance['actor']} ({acceptance['rule']})")
    table = Table("request", "verdict", "gates not passed", "over releases")
    for request_id, verdict, assurance, gates in chosen.members:
        over = " ".join(f"{verdict['release']}:{verdict['verdict']}" for verdict in history[request_id])
        table.add_row(request_id, f"{verdict} ({assurance})", ", ".join(gates), over)
    plain_console().print(table)


@release.command(epilog=examples('siu release accept 3 --reason "damage is to one held-out logo"'))
@click.argument("number", type=click.IntRange(1))
@reason_option
@workspace_option
def accept(number: int, reason: str, workspace: "Workspace") -> None:
    """Deploy a release that waits, whatever its verdicts; the ledger says who did it."""
    from flows.purge import purged_by_policy
    from tasks.acceptance import accept as let_pass
    from tasks.batch_lock import only_batch

    with only_batch(workspace):
        accepted = let_pass(workspace, number, reason)
    click.echo(f"release {accepted.number} is deployed ({accepted.strictest})")
    for note in purged_by_policy(workspace):
        click.echo(f"note: {note}")


@release.command(epilog=examples('siu release rollback --reason "answers in Russian are garbled"'))
@click.option(
    "--to", type=click.IntRange(1), help="Release number; default: the one that was deployed before."
)
@reason_option
@workspace_option
def rollback(to: int | None, reason: str, workspace: "Workspace") -> None:
    """Take the deployed release back and deploy the one before; no batch deploys it again by itself."""
    from tasks.acceptance import rollback as take_back
    from tasks.batch_lock import only_batch

    with only_batch(workspace):
        taken, earlier = take_back(workspace, reason, to)
    click.echo(
        f"release {taken.number} is taken back; release {earlier.number} is deployed ({earlier.strictest})"
    )


@release.command(epilog=examples("siu release diff 2 3"))
@click.argument("first", type=click.IntRange(1))
@click.argument("second", type=click.IntRange(1))
@workspace_option
@json_option
def diff(first: int, second: int, workspace: "Workspace", as_json: bool) -> None:
    """Show what one release has otherwise than another: members, verdicts."""
    from tasks.releases import difference, release_of

    changes = difference(release_of(workspace, first), release_of(workspace, second))
    if as_json:
        _json(changes)
        return
    click.echo(
        f"release {first} → {second}, worst verdict {changes['strictest'][0]} → {changes['strictest'][1]}"
    )
    for word in ("added", "left"):
        if changes[word]:
            click.echo(f"  {word}: {', '.join(changes[word])}")
    for request_id, (before, after) in changes["verdicts"].items():
        click.echo(f"  {request_id}: {before} → {after}")
    if not (changes["added"] or changes["left"] or changes["verdicts"]):
        click.echo("  the same requests with the same verdicts")


def _json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
