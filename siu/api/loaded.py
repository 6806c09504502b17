"""A base model with the collection that it is measured on, as one thing that is passed around."""

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from siu.config.file import load_params
from siu.config.params import Params
from siu.data.collection import Collection, load_collection
from siu.data.concepts import Concept, Split
from siu.data.intake.collection_import import import_folder
from siu.data.intake.names import name_key
from siu.errors import InputError
from siu.gold import GoldReference, attack_gold
from siu.models import VisionLanguageModel, load_model, model_folder
from siu.models.adapter_integrity import check_adapter_on
from siu.registry import WORLDS


@dataclass(frozen=True)
class Loaded:
    """A base model, its parameters, and where its collection comes from.

    Attributes:
        vlm: The base model, frozen; adapters are attached for one call and taken off again.
        params: Everything else that decides a result.
        root: What relative paths of the parameters are relative to.
    """

    vlm: VisionLanguageModel
    params: Params
    root: Path = Path()

    @cached_property
    def collection(self) -> Collection:
        """Concepts and pictures; drawn or imported when it is first asked for, unless it is prepared.

        Raises:
            InputError: `data.source` can't be read.
        """
        data = self.params.data
        for prepared in (self.root / data.collection, self.root / data.source):
            if (prepared / "concepts.jsonl").is_file():
                return load_collection(prepared)
        folder = self.scratch / "collection"
        world = WORLDS.find(collection=data.source)
        if world is None:
            return import_folder(self.root / data.source, folder)
        world.draw(folder, self.params)
        return load_collection(folder)

    @cached_property
    def scratch(self) -> Path:
        """A folder for what is made on the way; it goes when this object does."""
        folder = tempfile.mkdtemp(prefix="siu-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    @cached_property
    def gold(self) -> tuple[GoldReference, VisionLanguageModel] | None:
        """The model that never saw some concepts, which attacks are held against; None where none is named.

        Raises:
            ModelError: It can't be used.
        """
        reference = attack_gold(self.params, self.root)
        if reference is None:
            return None
        base = self.params.base_model.model_copy(
            update={"source": str(reference.folder), "revision": None, "four_bit": False}
        )
        return reference, load_model(base, self.params.runtime, root=self.root)

    @cached_property
    def whole(self) -> VisionLanguageModel:
        """The base model with weights that an adapter can be merged into: never in 4 bits."""
        base = self.params.base_model
        if not base.four_bit:
            return self.vlm
        return load_model(base.model_copy(update={"four_bit": False}), self.params.runtime, root=self.root)

    def concept(self, named: str) -> Concept:
        """Return the collection's concept with this id, name or alias.

        Raises:
            InputError: ``E-API-001`` there is none.
        """
        key = name_key(named)
        for concept in self.collection.concepts:
            if named == concept.id or key in map(name_key, (concept.name, *concept.aliases)):
                return concept
        raise InputError(
            "E-API-001",
            f"the collection has no concept {named!r}",
            "Use an id or name of `Loaded.collection.concepts`, or give `forget` a `Concept` of your own",
        )

    def pictures(self, named: str, split: Split = "train") -> tuple[Path, ...]:
        """Return the files of a concept's pictures: those to train on, or the unseen ones to test with.

        Raises:
            InputError: ``E-API-001`` there is no such concept.
        """
        pictures = self.collection.pictures_of(self.concept(named).id, split=split)
        return tuple(self.collection.path(picture) for picture in pictures)

    def check_adapter(self, adapter: Path | None, *, allow_other_base: bool = False) -> bool:
        """Check that an adapter's files are sound and fit the base model.

        Returns:
            Whether the adapter isn't known to have been trained on this base model.

        Raises:
            ModelError: It can't be used, or was trained on another base model and that isn't allowed.
        """
        if adapter is None:
            return False
        folder = model_folder(self.params.base_model, self.root)
        return check_adapter_on(adapter, folder, allow_other_base=allow_other_base).is_other


def load(params: Params | Path | str | None = None) -> Loaded:
    """Load a base model; its collection follows when it is needed.

    Args:
        params: Parameters, or a ``params.yaml``, whose relative paths then start at its folder: what a
            workspace has prepared is used. None: the embedded model and the concept world.

    Raises:
        PreflightError: The file has problems.
        ModelError: The model can't be used; the message says why and what to do.
    """
    root = Path()
    if isinstance(params, str | Path):
        root, params = Path(params).resolve().parent, load_params(Path(params))
    chosen = params or Params()
    return Loaded(load_model(chosen.base_model, chosen.runtime, root=root), chosen, root)
