"""One adapter, trained anew from the base model on all requests."""

from typing import ClassVar

from siu.strategies.strategy import ADAPTER, Release, Stored, Strategy
from siu.unlearning import TrainingInput, UnlearningResult, unlearn


class Joint(Strategy):
    """Every release is trained anew from the base model on the data of all requests.

    Stores every request's picture, name and fine-tuning data.
    """

    stores: ClassVar[tuple[Stored, ...]] = ("pictures", "names")
    needs_pictures: ClassVar[bool] = True
    trains_anew: ClassVar[bool] = True

    def train(self, release: Release) -> UnlearningResult:
        """Train from the base model."""
        return unlearn(
            TrainingInput(release.vlm, release.data, release.paths, release.params),
            release.folder / ADAPTER,
            steps=release.steps,
            on_step=release.on_step,
        )
