"""An adapter given away: as the PEFT folder that it is, or merged into its base model."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from siu.config.params import BaseModelParams
from siu.errors import InputError
from siu.models.adapter_card import CARD, merged_card, with_remarks
from siu.models.adapter_integrity import check_adapter
from siu.models.adapters import attach_saved
from siu.models.loading import load_model
from siu.models.source import model_folder, public_name
from siu.storage.digest import folder_digest

Check = Callable[[Path], None]
"""Raises where what was written must not be given away; what it writes beside that is given away with it."""

_MADE_ANEW = ("config.json", "generation_config.json", CARD)
_CARRIED = (".json", ".jinja", ".model", ".txt")


def unchecked(folder: Path) -> None:
    """Take what was written as it is."""


def export_adapter(
    adapter: Path, folder: Path, *, remarks: Sequence[str] = (), check: Check = unchecked
) -> None:
    """Copy an adapter to a new folder.

    Args:
        adapter: The PEFT folder.
        folder: Where to.
        remarks: What its card shall say of this export.
        check: Is called with the finished copy before anybody can see it.

    Raises:
        InputError: ``E-EXP-001`` the folder is taken.
        ModelError: The adapter isn't whole (`siu.models.adapter_integrity.check_adapter`).
    """
    check_adapter(adapter)
    with _new_folder(folder) as partial:
        shutil.copytree(adapter, partial, dirs_exist_ok=True)
        if remarks:
            card = partial / CARD
            text = card.read_text(encoding="utf-8") if card.is_file() else "# Adapter\n"
            card.write_text(with_remarks(text, remarks), encoding="utf-8")
        check(partial)


def export_merged(
    base: BaseModelParams,
    adapter: Path,
    folder: Path,
    *,
    root: Path = Path(),
    remarks: Sequence[str] = (),
    check: Check = unchecked,
) -> None:
    """Write base model and adapter as one model, with the base model's processor files.

    The weights have the base model's precision (``base.dtype``), never 4 bits; in bfloat16 answers may differ
    from those of base + adapter by rounding. Equal inputs give equal bytes.

    Args:
        base: The base model.
        adapter: The PEFT folder.
        folder: Where to.
        root: What a relative path of the base model is relative to.
        remarks: What the card shall say of this export.
        check: Is called with the finished model before anybody can see it.

    Raises:
        InputError: ``E-EXP-001`` the folder is taken.
        ModelError: There is no adapter that fits, or the base model can't be used.
    """
    check_adapter(adapter)
    with _new_folder(folder) as partial:
        digest = _write_merged(base, adapter, partial, root)
        for file in sorted(model_folder(base, root).iterdir()):
            is_index = file.name.endswith(".index.json")
            if file.suffix in _CARRIED and file.name not in _MADE_ANEW and not is_index:
                shutil.copyfile(file, partial / file.name)
        card = merged_card(public_name(base), digest, folder_digest(adapter))
        (partial / CARD).write_text(with_remarks(card, remarks), encoding="utf-8")
        check(partial)


def _write_merged(base: BaseModelParams, adapter: Path, folder: Path, root: Path) -> str:
    """Write the merged weights and return the base model's digest; the model isn't held any longer then."""
    vlm = load_model(base.model_copy(update={"four_bit": False}), root=root)
    attach_saved(vlm, adapter).merge_and_unload(safe_merge=True).save_pretrained(folder)
    return vlm.digest


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder that becomes the wanted one when all is written, last of what lies beside it by then."""
    if folder.exists():
        raise InputError("E-EXP-001", "the folder is there already", "Name a new one", str(folder))
    place = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(place, ignore_errors=True)
    partial = place / folder.name
    partial.mkdir(parents=True)
    try:
        yield partial
        _follow_umask(place)
        beside = [path for path in place.iterdir() if path != partial]
        for path in (*beside, partial):
            path.rename(folder.with_name(path.name))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _follow_umask(folder: Path) -> None:
    """Give files the mode of any new file: weights are written for their owner alone, and copied so."""
    mask = os.umask(0)
    os.umask(mask)
    for file in folder.rglob("*"):
        file.chmod((0o777 if file.is_dir() else 0o666) & ~mask)
