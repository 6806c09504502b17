"""A strategy: how a release comes to be when others were there before it, and what is stored for that."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import Concept
from siu.finetuning_data import FinetuningData
from siu.models import VisionLanguageModel
from siu.unlearning import StepLoss, UnlearningResult

Stored = Literal["pictures", "names", "second moments", "adapter", "ids"]
"""What may be kept of a request. The adapter is the released one, deployed anyway; ids are opaque."""
REBUILDS: frozenset[Stored] = frozenset({"pictures", "names", "second moments"})
"""What is a picture, or what one may be made of: of a name the base model makes one (`inversion`), and that
none can be made of second moments is not shown."""
ADAPTER = "adapter"
MEMORY = "memory"


@dataclass(frozen=True)
class Release:
    """One release to be trained.

    Attributes:
        vlm: The base model.
        collection: What is retained, and the concepts by id.
        params: The whole configuration.
        concepts: The new requests' concepts.
        data: Their fine-tuning data; of a strategy that `needs_pictures`, that of all requests so far.
        paths: Picture file by digest.
        steps: Optimiser steps.
        previous: Folder of the release before, as a strategy left it; None for the first one.
        folder: Where to: ``adapter``, and ``memory`` if the strategy stores anything.
        on_step: Called after every step.
    """

    vlm: VisionLanguageModel
    collection: Collection
    params: Params
    concepts: Sequence[Concept]
    data: Sequence[FinetuningData]
    paths: dict[str, Path]
    steps: int
    previous: Path | None
    folder: Path
    on_step: Callable[[StepLoss], None] = field(default=lambda loss: None)


class Strategy(ABC):
    """How releases follow each other: a subclass per file.

    The docstring's first line says what it does, the second paragraph what it stores about a person.
    """

    stores: ClassVar[tuple[Stored, ...]]
    """What is stored about a request when its release is done."""
    needs_pictures: ClassVar[bool] = False
    """Whether a release is given the fine-tuning data of all requests, not of the new ones alone."""
    trains_anew: ClassVar[bool] = False
    """Whether a release begins at the base model, and has steps for all requests."""
    merges: ClassVar[bool] = False
    """Whether the released adapter is merged into the base model for training; 4 bits can't take it."""

    @abstractmethod
    def train(self, release: Release) -> UnlearningResult:
        """Train the release's adapter, save it and store what the next release will want.

        Raises:
            ConceptError: The loss or a gradient is not finite; nothing is saved.
            StateError: ``E-REL-020`` the release before left nothing that this strategy can go on from.
        """

    @classmethod
    def name(cls) -> str:
        """Return its name: ``stand_ins`` for `StandIns`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def allows_purge(cls) -> bool:
        """Return whether no picture of a person could be rebuilt from what is stored."""
        return REBUILDS.isdisjoint(cls.stores)
