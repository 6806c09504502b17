"""One question, one answer."""

from pathlib import Path

from siu.api.loaded import Loaded
from siu.data.images import load_image
from siu.models import Turn, TurnEncoder, generate, loaded_adapter


def ask(
    model: Loaded,
    question: str,
    picture: Path | str | None = None,
    adapter: Path | str | None = None,
    *,
    allow_other_base: bool = False,
) -> str:
    """Return the model's greedy answer to a question.

    Args:
        model: Who is asked.
        question: What is asked.
        picture: The picture asked about; None for a question as text.
        adapter: A PEFT folder, such as `Forgotten.adapter`; None asks the base model.
        allow_other_base: Whether another base model is taken than the adapter was trained on, if it fits.

    Raises:
        InputError: The picture can't be used.
        ModelError: The adapter can't be used, or was trained on another base model.
    """
    shown, folder = picture and Path(picture), Path(adapter) if adapter else None
    if shown is not None:
        load_image(Path(shown))
    model.check_adapter(folder, allow_other_base=allow_other_base)
    turn = TurnEncoder(model.vlm).encode(Turn(question, picture=Path(shown) if shown else None))
    length = model.params.evaluation.max_new_tokens
    with loaded_adapter(model.vlm, folder):
        return generate(model.vlm, [turn], max_new_tokens=length, batch_size=1)[0]
