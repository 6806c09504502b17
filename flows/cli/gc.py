"""`siu gc`: what a workspace no longer needs is taken away."""

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
@click.option("--dry-run", is_flag=True, help="Say what would go; nothing is changed.")
def gc(workspace: Path | None, keep: int, dry_run: bool) -> None:
    """Take away outputs that later plans have taken the place of, with DVC's copies of them.

    Ledger, certificates, each request's newest outputs and all that a kept release was made of and measured
    by stay; so do studies. What is taken away and wanted again is made again by `siu batch`.
    """
    from flows.plan import only_batch
    from tasks.housekeeping import collect, leavings

    found = find_workspace(workspace)
    if dry_run:
        going = leavings(found, keep)
    else:
        with only_batch(found):
            going = collect(found, keep)
    for path in going.paths:
        click.echo(path.relative_to(found.root).as_posix())
    verb = "would go" if dry_run else "gone"
    click.echo(f"{len(going.paths)} folders with {going.size / 1e6:.1f} MB {verb}")
