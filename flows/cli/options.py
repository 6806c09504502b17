"""Options and examples that the commands share."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace


def find_workspace(folder: Path | None) -> "Workspace":
    """Return the workspace of a folder, or of this one, with every library told to be quiet."""
    from flows.terminal.quiet import quiet
    from siu.storage.workspace import Workspace

    workspace = Workspace.find(folder)
    quiet(workspace.prefect_home)
    return workspace


def _opened(context: click.Context, _: click.Parameter, folder: Path | None) -> "Workspace | None":
    return None if context.resilient_parsing else find_workspace(folder)


_option = partial(
    click.option,
    type=click.Path(file_okay=False, path_type=Path),
    help="The workspace's folder; default: this folder or the nearest above it.",
)
workspace_option = _option("--workspace", callback=_opened)
"""Gives a command the workspace."""
workspace_folder_option = _option("--workspace", "folder")
"""Gives the folder, or None, to a command that may do without a workspace."""
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")

other_base_option = click.option(
    "--allow-other-base",
    is_flag=True,
    help="Take an adapter that was trained on another base model, if it fits; what is written says so.",
)


def examples(*lines: str) -> str:
    """Return the examples of a command, which click must not wrap."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
