"""`siu ask`: one question to the base model and to the released adapter."""

from dataclasses import dataclass
from pathlib import Path

from siu.images import load_image
from siu.workspace import Workspace
from tasks.deploy import chosen_adapter


@dataclass(frozen=True)
class Answers:
    """A question and both answers."""

    question: str
    before: str
    after: str


def ask(workspace: Workspace, question: str, image: Path | None, adapter: Path | None) -> Answers:
    """Ask the model before and after unlearning.

    Args:
        workspace: Names the base model and holds the releases.
        question: What is asked.
        image: The picture asked about; None for a question as text.
        adapter: A PEFT folder; None for the latest release.

    Raises:
        InputError: ``E-ASK-001`` nothing is released yet, or the picture can't be used.
    """
    params = workspace.params()
    chosen = chosen_adapter(workspace, adapter)
    if image is not None:
        load_image(image)
    from siu.models import Turn, TurnEncoder, generate, load_model, loaded_adapter

    vlm = load_model(params.base_model, params.runtime, root=workspace.root)
    turn = TurnEncoder(vlm).encode(Turn(question, picture=image))
    answers = []
    for state in (None, chosen):
        with loaded_adapter(vlm, state):
            answers += generate(vlm, [turn], max_new_tokens=params.evaluation.max_new_tokens, batch_size=1)
    return Answers(question, *answers)
