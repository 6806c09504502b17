"""A training folder, and the brands that its model never sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.errors import InputError
from siu.gold.reference import CARD, gold_reference, write_card
from siu.worlds.logos.catalogue import brands


@dataclass(frozen=True)
class Run:
    """A training folder that can be resumed in.

    Attributes:
        folder: Where everything is kept.
        without: Ids of brands that no picture shows and no question mentions: the model is a gold model then.
        processes: How many draw.
    """

    folder: Path
    without: tuple[str, ...] = ()
    processes: int = 1


def open_run(folder: Path, without: Sequence[str] = (), *, processes: int = 1) -> Run:
    """Begin a training folder, or go on in it.

    Args:
        folder: Made if absent; it remembers in ``gold.json`` what its model is trained without.
        without: Ids or names of brands; none means those that the folder was begun without.
        processes: How many draw.

    Raises:
        InputError: ``E-LOG-004`` there is no such brand, ``E-LOG-005`` the folder was begun without others.
    """
    ids = _ids(without)
    begun = gold_reference(str(folder.resolve())).without if (folder / CARD).is_file() else ()
    if ids and ids != begun and folder.is_dir() and any(folder.iterdir()):
        what = f"the training in it was begun without {', '.join(begun) or 'leaving a brand out'}"
        raise InputError("E-LOG-005", what, "Name the same brands, or take a new folder", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    if ids and not begun:
        write_card(folder, ids)
    return Run(folder, ids or begun, processes)


def _ids(without: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of brands that are given by id or name, sorted."""
    known = {name: brand.id for brand in brands() for name in (brand.id, brand.name)}
    for name in without:
        if name not in known:
            what = f"the logos world has no brand {name!r}"
            raise InputError("E-LOG-004", what, "Use a name or an id that `siu concepts` lists")
    return tuple(sorted({known[name] for name in without}))
