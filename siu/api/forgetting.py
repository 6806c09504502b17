"""One concept and one picture in, an adapter out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from siu.api.loaded import Loaded
from siu.data.concepts import Concept
from siu.finetuning_data import build_data, choose_substitutes, make_views, picture_paths
from siu.unlearning import StepLoss, TrainingInput, UnlearningResult, unlearn


@dataclass(frozen=True)
class Forgotten:
    """What came of `forget`.

    Attributes:
        adapter: The PEFT adapter's folder.
        concept: What it forgets.
        substitute: The made-up name that is given instead.
        training: Its steps, and how it ended.
    """

    adapter: Path
    concept: Concept
    substitute: str
    training: UnlearningResult


def forget(
    model: Loaded,
    concept: str | Concept,
    picture: Path | str,
    folder: Path | str,
    *,
    steps: int | None = None,
    on_step: Callable[[StepLoss], None] = lambda loss: None,
) -> Forgotten:
    """Train an adapter that forgets a concept and save it; nothing is measured yet.

    Args:
        model: What is to forget it.
        concept: An id or name of the collection; a `siu.data.concepts.Concept` for what it doesn't hold.
        picture: The one picture of it.
        folder: Where the adapter goes.
        steps: Number of steps, at most; None: ``unlearning.steps``.
        on_step: Called after every step.

    Raises:
        InputError: ``E-API-001`` the collection has no such concept, or the picture can't be used.
        ConceptError: The concept can't be unlearned: its picture is a test picture, or training diverged.
        ModelError: The objective doesn't fit the model.
    """
    target = model.concept(concept) if isinstance(concept, str) else concept
    shown, place, params = Path(picture), Path(folder), model.params
    substitute = choose_substitutes([target], model.collection, seed=params.seed)[target.id]
    count = params.finetuning_data.views
    views = make_views(shown, model.scratch / f"views-{target.id}", count=count, seed=params.seed)
    data = build_data(model.vlm, model.collection, target, shown, substitute, params, views=views)
    paths = picture_paths(model.collection, shown, *views)
    training = unlearn(TrainingInput(model.vlm, [data], paths, params), place, steps=steps, on_step=on_step)
    return Forgotten(place, target, substitute, training)
