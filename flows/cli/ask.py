"""`siu ask`: one question to the base model and, unless it is asked alone, to the released adapter."""

from dataclasses import dataclass
from pathlib import Path

from siu.data.images import load_image
from siu.storage.workspace import Workspace
from tasks.acceptance import adapter_to_ask


@dataclass(frozen=True)
class Answers:
    """A question and both answers.

    Attributes:
        question: What was asked.
        before: The base model's answer.
        after: The answer with the adapter; None where the base model alone was asked.
        other_base: Whether the adapter isn't known to have been trained on this base model.
        remark: What there is to say about the release: that it waits for a person, for instance.
    """

    question: str
    before: str
    after: str | None
    other_base: bool = False
    remark: str = ""


def ask(
    workspace: Workspace,
    question: str,
    image: Path | None,
    adapter: Path | None,
    *,
    allow_other_base: bool = False,
    base_alone: bool = False,
) -> Answers:
    """Ask the model before and after unlearning.

    Args:
        workspace: Names the base model and holds the releases.
        question: What is asked.
        image: The picture asked about; None for a question as text.
        adapter: A PEFT folder; None for the latest release.
        allow_other_base: Whether another base model is taken than the adapter was trained on, if it fits.
        base_alone: Whether the base model alone is asked, which needs no release.

    Raises:
        InputError: ``E-ASK-001`` nothing is released yet, or the picture can't be used.
        ModelError: Base model or adapter can't be used.
        StateError: The release isn't the one that was measured (`tasks.deploy.latest_release`).
    """
    params = workspace.params()
    chosen, remark = (None, "") if base_alone else adapter_to_ask(workspace, adapter)
    if image is not None:
        load_image(image)
    from siu.models import Turn, TurnEncoder, check_config, generate, load_model, loaded_adapter, model_folder
    from siu.models.adapter_integrity import check_adapter_on

    base = model_folder(params.base_model, workspace.root)
    check_config(base)
    origin = chosen and check_adapter_on(chosen, base, allow_other_base=allow_other_base)
    vlm = load_model(params.base_model, params.runtime, root=workspace.root)
    turn = TurnEncoder(vlm).encode(Turn(question, picture=image))
    answers = []
    for state in (None, chosen) if chosen else (None,):
        with loaded_adapter(vlm, state):
            answers += generate(vlm, [turn], max_new_tokens=params.evaluation.max_new_tokens, batch_size=1)
    after = answers[1] if chosen else None
    return Answers(question, answers[0], after, origin.is_other if origin else False, remark)
