"""`siu gc`: what a workspace no longer needs is removed."""

from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace


@click.command(epilog=examples("siu gc --dry-run", "siu gc --keep 5"))
@workspace_option
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="How many of the newest releases stay beside the deployed one, those that wait, and certified ones.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed; nothing is changed.")
def gc(workspace: "Workspace", keep: int, dry_run: bool) -> None:
    """Remove outputs that newer plans replaced, with DVC's copies of them.

    Ledger, certificates, each request's newest outputs and all that a kept release was made of and measured
    by stay; so do studies. What is removed and needed later is made again by `siu batch`.
    """
    from tasks.batch_lock import only_batch
    from tasks.housekeeping import collect, leavings

    if dry_run:
        going = leavings(workspace, keep)
    else:
        with only_batch(workspace):
            going = collect(workspace, keep)
    for path in going.paths:
        click.echo(path.relative_to(workspace.root).as_posix())
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{len(going.paths)} folders with {going.size / 1e6:.1f} MB {verb}")
