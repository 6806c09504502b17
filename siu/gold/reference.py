"""Which concepts a gold model was built without: ``gold.json`` beside its weights."""

import json
from dataclasses import dataclass
from pathlib import Path

from siu.config.params import Params
from siu.errors import ModelError
from siu.registry import WORLDS

CARD = "gold.json"


@dataclass(frozen=True)
class GoldReference:
    """A model that was trained like the base model, but without some concepts.

    Attributes:
        folder: Its files.
        without: Ids of the concepts that it never saw.
    """

    folder: Path
    without: tuple[str, ...]


def gold_reference(source: str, root: Path = Path()) -> GoldReference:
    """Return the gold model that ``evaluation.gold`` names; only its card is read.

    Args:
        source: ``embedded`` or a folder.
        root: What a relative path is relative to.

    Raises:
        ModelError: ``E-MOD-026`` the folder doesn't say what the model was built without.
    """
    world = WORLDS.find(model=source)
    folder_of_world = None if world is None else world.gold_folder
    folder = root / source if folder_of_world is None else Path(folder_of_world())
    try:
        without = json.loads((folder / CARD).read_text(encoding="utf-8"))["without"]
        return GoldReference(folder, tuple(map(str, without)))
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(
            "E-MOD-026",
            f"{CARD} doesn't say which concepts the gold model never saw",
            f'Write {{"without": ["<concept id>", …]}} to {CARD} beside its weights',
            str(folder),
        ) from None


def attack_gold(params: Params, root: Path = Path()) -> GoldReference | None:
    """Return the gold model that attacks are held against: ``evaluation.gold``, or the embedded model's own.

    Raises:
        ModelError: The folder doesn't say what the model was built without.
    """
    named = attack_gold_source(params)
    return gold_reference(named, root) if named else None


def attack_gold_source(params: Params) -> str | None:
    """Return what names that model; None where there is none."""
    embedded = "embedded" if params.base_model.source == "embedded" else None
    return params.evaluation.gold or embedded


def write_card(folder: Path, without: tuple[str, ...]) -> None:
    """Note in a model's folder which concepts it was built without."""
    text = json.dumps({"without": list(without)}) + "\n"
    (folder / CARD).write_text(text, encoding="utf-8")
