"""`siu gc`: what a workspace no longer needs is removed."""

from pathlib import Path

import click

from flows.cli.options import examples, find_workspace, workspace_option


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
def gc(workspace: Path | None, keep: int, dry_run: bool) -> None:
    """Remove outputs that newer plans replaced, with DVC's copies of them.

    Ledger, certificates, each request's newest outputs and all that a kept release was made of and measured
    by stay; so do studies. What is removed and needed later is made again by `siu batch`.
    """
    from tasks.batch_lock import only_batch
    from tasks.housekeeping import collect, leavings

    place = find_workspace(workspace)
    if dry_run:
        going = leavings(place, keep)
    else:
        with only_batch(place):
            going = collect(place, keep)
    for path in going.paths:
        click.echo(path.relative_to(place.root).as_posix())
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{len(going.paths)} folders with {going.size / 1e6:.1f} MB {verb}")
