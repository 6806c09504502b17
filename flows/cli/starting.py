"""Commands that make a workspace: init, prepare, demo."""

import sys
from pathlib import Path

import click

from flows.cli.options import examples, find_workspace, workspace_folder_option
from siu.config.preset import preset_names


@click.command(
    epilog=examples(
        "siu init my-workspace", "siu init --model ~/llava my-workspace", "siu init --preset paper published"
    )
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option(
    "--preset",
    type=click.Choice(preset_names()),
    help="Whose values params.yaml gets; paper: the setting of the SIU paper.",
)
@click.option(
    "--model",
    metavar="FOLDER",
    help="The base model: a folder, embedded or logos; params.yaml gets the recipe for its size.",
)
def init(folder: Path, preset: str | None, model: str | None) -> None:
    """Make a workspace: params.yaml, requests.csv, git, DVC."""
    from flows.cli.init import init as make

    workspace = make(folder, preset, model)
    click.echo(f"A workspace is in {workspace.root}. Next: fill requests.csv, then `siu batch`.")


@click.command(epilog=examples("siu prepare", "siu prepare --rebuild --without c02 --output gold/"))
@workspace_folder_option
@click.option("--rebuild", is_flag=True, help="Train the embedded model anew from its seed (minutes).")
@click.option(
    "--without", multiple=True, metavar="ID", help="With --rebuild: a gold model without this concept."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="With --rebuild: where the model goes.",
)
def prepare(folder: Path | None, rebuild: bool, without: tuple[str, ...], output: Path | None) -> None:
    """Draw or import the collection that everything is measured on."""
    from flows.cli import prepare as prepared

    if rebuild:
        prepared.rebuild(output or Path("models/rebuilt"), without, click.echo)
    elif without or output:
        raise click.UsageError("--without and --output belong to --rebuild")
    else:
        click.echo(prepared.prepare_workspace(find_workspace(folder)))


@click.command()
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo-workspace",
    show_default=True,
    help="Where the demo's workspace goes.",
)
@click.option(
    "--world",
    type=click.Choice(("drawn", "logos")),
    default="drawn",
    show_default=True,
    help="Fictional concepts with the embedded model, or real brands with SmolLM2 (extra world-logos).",
)
def demo(workspace: Path, world: str) -> None:
    """Forget a person, a creature and a logo of the drawn world, or two brands of the logos world."""
    from flows.cli.demo import demo as show

    sys.exit(show(workspace, world))
