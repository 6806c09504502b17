"""`siu play`: a page on this machine that asks base model, own adapter and release side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, find_workspace, workspace_folder_option

if TYPE_CHECKING:
    from flows.playing import Playground


@click.command(epilog=examples("siu play --open", "siu play --embedded", "siu play --adapter my-adapter"))
@workspace_folder_option
@click.option("--embedded", is_flag=True, help="The embedded model, without a workspace.")
@click.option(
    "--adapter",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Asked in place of the latest release.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True, help="On loopback.")
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
def play(folder: Path | None, embedded: bool, adapter: Path | None, port: int, open_it: bool) -> None:
    """Drop a picture, ask, and see who still knows; until Ctrl-C.

    Nothing that is asked is kept, and no other machine can ask.
    """
    if embedded and folder is not None:
        raise click.UsageError("--embedded needs no --workspace; leave one of them out")
    import uvicorn

    from flows.playing import HOSTS, application

    app = application(playground(None if embedded else find_workspace(folder).root, adapter))
    address = f"http://{HOSTS[0]}:{port}"
    click.echo(f"{address} (Ctrl-C ends it)")
    if open_it:
        click.launch(address)
    uvicorn.run(app, host=HOSTS[0], port=port, log_level="warning")


def playground(root: Path | None, adapter: Path | None) -> "Playground":
    """Load the model that a workspace names, or the embedded one, and find the adapters beside it.

    Raises:
        SiuError: The model can't be loaded, or the adapter can't be used.
    """
    from flows.playing import RELEASE, Playground
    from siu.api.loaded import load
    from siu.client import Client
    from tasks.known_requests import display_names

    label = f"adapter {adapter.name}" if adapter else RELEASE
    client = Client(root) if root else None
    model = load(client.workspace.params_file if client else None)
    model.check_adapter(adapter)
    if client is None:
        return Playground(model, release=adapter, label=label)
    deployed = client.release()
    shown = adapter or (deployed.adapter if deployed else None)
    return Playground(model, client.adapters(), shown, label, display_names(client.workspace))
