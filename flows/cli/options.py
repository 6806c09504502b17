"""Options and examples that the commands share."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

workspace_option = click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="The workspace's folder; default: this folder or the nearest above it.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")

other_base_option = click.option(
    "--allow-other-base",
    is_flag=True,
    help="Take an adapter that was trained on another base model, if it fits; what is written says so.",
)


def examples(*lines: str) -> str:
    """Return the examples of a command, which click must not wrap."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def find_workspace(workspace: Path | None) -> "Workspace":
    """Return the workspace, with every library told to be quiet."""
    from flows.cli.quiet import quiet
    from siu.storage.workspace import Workspace

    opened = Workspace.find(workspace)
    quiet(opened.prefect_home)
    return opened
