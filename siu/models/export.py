"""An adapter given away: as the PEFT folder that it is, or merged into its base model."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siu.digest import folder_digest
from siu.errors import InputError
from siu.models.adapter_card import merged_card
from siu.models.adapter_integrity import check_adapter
from siu.models.adapters import attach_saved
from siu.models.loading import load_model
from siu.models.source import model_folder, public_name
from siu.params import BaseModelParams

_MADE_ANEW = ("config.json", "generation_config.json", "README.md")
_CARRIED = (".json", ".jinja", ".model", ".txt")


def export_adapter(adapter: Path, folder: Path) -> None:
    """Copy an adapter to a new folder.

    Raises:
        InputError: ``E-EXP-001`` the folder is taken.
        ModelError: ``E-MOD-021`` there is no adapter.
    """
    check_adapter(adapter)
    with _new_folder(folder) as partial:
        shutil.copytree(adapter, partial, dirs_exist_ok=True)


def export_merged(base: BaseModelParams, adapter: Path, folder: Path, *, root: Path = Path()) -> None:
    """Write base model and adapter as one model, with the base model's processor files.

    The weights have the base model's precision (``base.dtype``), never 4 bits; in bfloat16 answers may differ
    from those of base + adapter by rounding. Equal inputs give equal bytes.

    Args:
        base: The base model.
        adapter: The PEFT folder.
        folder: Where to.
        root: What a relative path of the base model is relative to.

    Raises:
        InputError: ``E-EXP-001`` the folder is taken.
        ModelError: There is no adapter that fits, or the base model can't be used.
    """
    check_adapter(adapter)
    with _new_folder(folder) as partial:
        vlm = load_model(base.model_copy(update={"four_bit": False}), root=root)
        merged = attach_saved(vlm, adapter).merge_and_unload(safe_merge=True)
        merged.save_pretrained(partial)
        for file in sorted(model_folder(base, root).iterdir()):
            is_index = file.name.endswith(".index.json")
            if file.suffix in _CARRIED and file.name not in _MADE_ANEW and not is_index:
                shutil.copyfile(file, partial / file.name)
        card = merged_card(public_name(base), vlm.digest, folder_digest(adapter))
        (partial / "README.md").write_text(card, encoding="utf-8")


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the wanted one, which it becomes when all is written."""
    if folder.exists():
        raise InputError("E-EXP-001", "the folder is there already", "Name a new one", str(folder))
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
