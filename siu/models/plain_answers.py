"""Answers by plain transformers and peft: what anybody gets who loads what is given away.

No part of the engine is used: no shared prefixes, no kept features, no guesses. What was measured by the
engine is compared with this before it is deployed.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import GenerationConfig

from siu.config.params import BaseModelParams, RuntimeParams
from siu.data.images import load_image
from siu.errors import ModelError
from siu.models.loading import load_model

ROUNDING = {torch.float32: 1e-3, torch.bfloat16: 0.25, torch.float16: 0.05}
"""By how much two computations of a logit may differ, by precision: within it tokens are a tie."""
MOST_TIES = 8
"""Most ties of one answer that are followed."""


@dataclass(frozen=True)
class RecordedAnswer:
    """A question that was asked when the model was measured, and what was answered.

    Attributes:
        question: What was asked.
        picture: The picture shown, if any.
        answer: The greedy answer, cut where the measurement cut it.
    """

    question: str
    picture: Path | None
    answer: str


@dataclass(frozen=True)
class Mismatch:
    """A recorded answer that plain libraries don't give.

    Attributes:
        recorded: The question with its recorded answer.
        answer: What they give.
    """

    recorded: RecordedAnswer
    answer: str


class PlainModel:
    """A base model, or one with an adapter, as transformers and peft load it.

    Args:
        base: Which model, in which precision.
        adapter: The PEFT folder; None for the model by itself.
        runtime: Where to; None means the CPU.
        root: What a relative path is relative to: the workspace.

    Raises:
        ModelError: Model or adapter can't be used.
    """

    def __init__(
        self,
        base: BaseModelParams,
        adapter: Path | None,
        runtime: RuntimeParams | None = None,
        *,
        root: Path = Path(),
    ) -> None:
        loaded = load_model(base, runtime, root=root)
        self._processor, self._device = loaded.processor, loaded.device
        self._dtype = getattr(torch, base.dtype)
        self._suffix = loaded.architecture.token_types == "suffix"  # nosec B105  # no password: where an answer has a type of its own
        ends = loaded.model.generation_config.eos_token_id
        self._ends = ends if isinstance(ends, list) else [ends]
        self._model: Any = loaded.model
        if adapter is not None:
            self._model = PeftModel.from_pretrained(loaded.model, adapter)
        self._model.eval()
        loaded.model.generation_config = GenerationConfig(  # else a checkpoint's own sampling or penalties
            do_sample=False, eos_token_id=self._ends, pad_token_id=self._processor.tokenizer.pad_token_id
        )

    def mismatches(self, recorded: Sequence[RecordedAnswer], max_new_tokens: int) -> list[Mismatch]:
        """Return the recorded answers that this model doesn't give.

        Where two tokens are equally likely within `ROUNDING`, either is what greedy decoding gives.
        """
        pairs = ((known, self._closest(known, max_new_tokens)) for known in recorded)
        return [Mismatch(known, answer) for known, answer in pairs if answer != known.answer]

    def answers(self, questions: Sequence[str], max_new_tokens: int) -> list[RecordedAnswer]:
        """Return the greedy answers to questions without a picture."""
        unanswered = [RecordedAnswer(question, None, "") for question in questions]
        return self.answered_again(unanswered, max_new_tokens)

    def answered_again(self, recorded: Sequence[RecordedAnswer], max_new_tokens: int) -> list[RecordedAnswer]:
        """Return the same questions with this model's greedy answers."""
        return [
            replace(known, answer=self._greedy(self._prompt(known), [], max_new_tokens)[0])
            for known in recorded
        ]

    def _closest(self, recorded: RecordedAnswer, max_new_tokens: int) -> str:
        """Return the recorded answer if greedy decoding gives it up to ties, else the greedy answer."""
        prompt = self._prompt(recorded)
        forced, first = [list[int]()], ""
        for turn in range(1 + MOST_TIES):
            if not forced:
                break
            start = forced.pop(0)
            text, ties = self._greedy(prompt, start, max_new_tokens)
            first = first if turn else text
            if text == recorded.answer:
                return text
            forced += ties
        return first

    @torch.no_grad()
    def _greedy(
        self, prompt: Mapping[str, Any], start: list[int], max_new_tokens: int
    ) -> tuple[str, list[list[int]]]:
        """Return the greedy answer after a given start, and the starts that are as likely from there on."""
        if start and (len(start) == max_new_tokens or start[-1] in self._ends):
            return self._text(start), []
        output = self._model.generate(
            **_extended(prompt, start, int(self._suffix)),
            max_new_tokens=max_new_tokens - len(start),
            output_logits=True,
            return_dict_in_generate=True,
        )
        new = output.sequences[0, prompt["input_ids"].shape[1] :].tolist()
        ties = []
        for step, logits in enumerate(output.logits, start=len(start)):
            (best, second), tokens = (values.tolist() for values in logits[0].float().topk(2))
            if best - second <= ROUNDING[self._dtype]:
                tie = next(token for token in tokens if token != new[step])
                ties.append([*new[:step], tie])
        return self._text(new), ties

    def _text(self, tokens: list[int]) -> str:
        return str(self._processor.tokenizer.decode(tokens, skip_special_tokens=True)).strip()

    def _prompt(self, recorded: RecordedAnswer) -> dict[str, Any]:
        """Return the inputs of a question as the processor's own chat template puts it."""
        content: list[dict[str, str]] = [{"type": "text", "text": recorded.question}]
        if recorded.picture is not None:
            content.insert(0, {"type": "image"})
        messages = [{"role": "user", "content": content}]
        text = self._processor.apply_chat_template(messages, add_generation_prompt=True)
        options = {"add_special_tokens": False, "return_tensors": "pt"}
        if recorded.picture is None:
            inputs = self._processor.tokenizer([text], **options)
            if self._suffix:  # what PaliGemma's processor, which takes no text without a picture, gives
                inputs["token_type_ids"] = torch.zeros_like(inputs["input_ids"])
        else:
            with warnings.catch_warnings(action="ignore"):  # PaliGemma's makes arrays of tensors
                inputs = self._processor(images=[load_image(recorded.picture)], text=[text], **options)
        return {key: self._placed(value) for key, value in inputs.items()}

    def _placed(self, value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        return value.to(self._device, self._dtype if value.is_floating_point() else None)


def refuse_mismatches(mismatches: Sequence[Mismatch], total: int, place: Path) -> None:
    """Refuse what answers otherwise than it did when it was measured.

    Args:
        mismatches: What was answered otherwise.
        total: How many questions were asked.
        place: What was loaded.

    Raises:
        ModelError: ``E-REL-001``.
    """
    if mismatches:
        first = mismatches[0]
        raise ModelError(
            "E-REL-001",
            f"plain transformers and peft give other answers than were measured to {len(mismatches)} of "
            f"{total} questions, such as {first.answer!r} in place of {first.recorded.answer!r}",
            "Nothing was given away: see whether files or a library changed, and run the batch again",
            str(place),
        )


def _extended(prompt: Mapping[str, Any], start: list[int], token_type: int) -> dict[str, Any]:
    """Return a prompt's inputs with the start of an answer after them, as text that is attended to."""
    inputs = dict(prompt)
    if not start:
        return inputs
    ids = prompt["input_ids"]
    for key, value in prompt.items():
        if isinstance(value, Tensor) and value.shape == ids.shape:
            fills = {"input_ids": start, "attention_mask": [1] * len(start)}
            fill = fills.get(key, [token_type] * len(start))
            inputs[key] = torch.cat([value, torch.tensor([fill]).to(value)], dim=1)
    return inputs
