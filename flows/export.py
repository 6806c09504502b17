"""`siu export`: the released adapter, or another one, in a folder that other tools load."""

from pathlib import Path

from siu.workspace import Workspace
from tasks.deploy import chosen_adapter


def export(workspace: Workspace, folder: Path, adapter: Path | None, *, merge: bool) -> str:
    """Write the adapter, or the merged model, to a new folder; return what was done.

    Args:
        workspace: Names the base model and holds the releases.
        folder: Where to; it must not be there yet.
        adapter: A PEFT folder; None for the latest release.
        merge: Whether to write base model and adapter as one model.

    Raises:
        InputError: Nothing is released yet, or the folder is taken.
        ModelError: There is no adapter, or the base model can't be used.
    """
    chosen = chosen_adapter(workspace, adapter)
    params = workspace.params()
    from siu.models.export import export_adapter, export_merged

    if merge:
        export_merged(params.base_model, chosen, folder, root=workspace.root)
        return f"The merged model is in {folder}."
    export_adapter(chosen, folder)
    return f"The adapter is in {folder}."
