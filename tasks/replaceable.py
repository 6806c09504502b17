"""What `siu prepare` may replace: folders that it made, and none that anything is read from."""

from collections.abc import Iterator
from pathlib import Path

from siu.config.params import Params
from siu.data.intake.places import leads_out
from siu.errors import InputError
from siu.problems import Problems
from siu.storage.workspace import Workspace
from siu.worlds import collections, models

BASE_MODEL = "base_model"
IDENTITY = "identity.json"
COLLECTED = "concepts.jsonl"


def base_model_note(workspace: Workspace, params: Params) -> Path:
    """Return the folder beside the collection that says which base model is used."""
    return workspace.collection(params).with_name(BASE_MODEL)


def refuse_to_replace(workspace: Workspace, params: Params) -> None:
    """Refuse places where `siu prepare` would remove what somebody else put there.

    Raises:
        PreflightError: All problems at once: ``E-PAR-007`` something is read from a folder that is made anew,
            ``E-COL-101`` such a folder holds something that `siu prepare` didn't make.
    """
    problems = Problems()
    collection, note = workspace.collection(params), base_model_note(workspace, params)
    for folder, mark in ((collection, COLLECTED), (note, IDENTITY)):
        inside = [key for key, path in _read(workspace, params) if not leads_out(path, folder)]
        for key in inside:
            what = f"{key} lies in {folder}, which `siu prepare` makes anew"
            remedy = "Keep it elsewhere, or set data.collection to another folder"
            problems.add(InputError("E-PAR-007", what, remedy, str(workspace.params_file)))
        if not inside and _is_foreign(folder, mark):
            what = "`siu prepare` would replace this, and did not make it"
            remedy = "Remove it, or set data.collection to a new folder"
            problems.add(InputError("E-COL-101", what, remedy, str(folder)))
    problems.raise_if_any()


def _read(workspace: Workspace, params: Params) -> Iterator[tuple[str, Path]]:
    """Yield the keys of what is read, each with its path."""
    yield "data.requests", workspace.requests_csv(params)
    sources = {
        "data.source": params.data.source,
        "base_model.source": params.base_model.source,
        "evaluation.gold": params.evaluation.gold,
        "attacks.questions": params.attacks.questions,
    }
    for key, source in sources.items():
        if source is not None and source not in (*collections(), *models()):
            yield key, workspace.root / source


def _is_foreign(folder: Path, mark: str) -> bool:
    """Tell whether something lies in a folder's place that is not empty and lacks its mark."""
    if not folder.is_dir():
        return folder.exists()
    return any(folder.iterdir()) and not (folder / mark).is_file()
