"""A step and an evaluation the way published unlearning code does them: what ours is measured against.

Readable and honest: nothing is slower here than it has to be for what it does. What it does is what such
code has in common (the performance page in docs/experiments names it): a deep copy of the model as
reference, run at every step; pixels through the vision tower for every row; forget and retain batches as
separate forward passes; the loss over the whole vocabulary at every position, masked afterwards; one
``generate`` per question. Texts are encoded and pictures preprocessed once, before the steps, which such
code often does at every step.

Shapes: B rows, L padded length, V vocabulary.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from benchmarks.workload import NAME, StepWorkload
from siu.finetuning_data import Sample
from siu.models import Turn, TurnEncoder, VisionLanguageModel
from siu.models.processors import image_inputs
from siu.models.token_spans import name_token_ids, specified_tokens
from siu.objectives.masks import vocabulary_mask

ALPHA, BETA, EXTREME = 0.9, 0.75, 0.95
_IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """Padded rows with everything that a step reads.

    Attributes:
        inputs: What the model is called with.
        labels: (B, L) the token that a position predicts; `_IGNORED` outside of answers.
        unspecified: (B, L) 1 at answer positions that no range of the sample specifies, else 0.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    unspecified: Tensor


class PeersStep:
    """One SIU step after another.

    Args:
        vlm: The base model, without an adapter: it is copied as the reference.
        work: The samples; those with the picture are to be forgotten, the others retained.
    """

    def __init__(self, vlm: VisionLanguageModel, work: StepWorkload) -> None:
        self._model = vlm.model
        self.reference: Any = copy.deepcopy(vlm.model)
        shown = [sample for sample in work.samples if sample.picture]
        texts = [sample for sample in work.samples if not sample.picture]
        self._batches = [_batch(vlm, samples, work) for samples in (shown, texts) if samples]
        self._name_ids = name_token_ids(vlm.tokenizer, [NAME])
        self._vocabulary_mask = vocabulary_mask(self._name_ids, vlm.vocabulary_size).to(vlm.device)

    def backward(self) -> float:
        """Add one step's gradient to the parameters; return its loss."""
        logits = [self._model(**batch.inputs).logits.float() for batch in self._batches]
        with torch.no_grad():
            references = [self.reference(**batch.inputs).logits.float() for batch in self._batches]
        probabilities = [torch.softmax(reference, dim=-1) for reference in references]
        masks = [self._token_mask(*pair) for pair in zip(self._batches, probabilities, strict=True)]
        answers = sum(int((batch.labels != _IGNORED).sum()) for batch in self._batches)
        unmasked = max(sum(float(mask.sum()) for mask in masks), 1.0)
        loss = torch.zeros((), device=logits[0].device)
        for batch, of_batch, reference, mask in zip(self._batches, logits, references, masks, strict=True):
            loss = loss + ALPHA * _cross_entropy(of_batch, batch.labels) / answers
            loss = loss + BETA * self._divergence(of_batch, reference, mask) / unmasked
        loss.backward()
        return loss.item()

    def _divergence(self, logits: Tensor, reference: Tensor, token_mask: Tensor) -> Tensor:
        """Return the masked KL divergence of (B, L, V) logits, summed over everything."""
        log_probs, targets = torch.log_softmax(logits, dim=-1), torch.log_softmax(reference, dim=-1)
        divergence = torch.softmax(reference, dim=-1) * (targets - log_probs) * self._vocabulary_mask
        return (divergence * token_mask.unsqueeze(-1)).sum()

    def _token_mask(self, batch: Batch, probabilities: Tensor) -> Tensor:
        """Return (B, L): `Batch.unspecified`, without positions where the reference is sure of the name."""
        extreme = probabilities[..., self._name_ids].sum(dim=-1) >= EXTREME
        return batch.unspecified * (~extreme)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=_IGNORED, reduction="sum")


def _batch(vlm: VisionLanguageModel, samples: Sequence[Sample], work: StepWorkload) -> Batch:
    """Pad samples on the right; all of them show a picture, or none does."""
    encoder = TurnEncoder(vlm)
    pictures = [work.paths[sample.picture] if sample.picture else None for sample in samples]
    turns = [
        encoder.encode(Turn(sample.question, sample.answer, picture))
        for sample, picture in zip(samples, pictures, strict=True)
    ]
    length = max(len(turn) for turn in turns)
    ids, mask = (torch.zeros(len(turns), length, dtype=torch.long) for _ in range(2))
    labels, unspecified = torch.full((len(turns), length), _IGNORED), torch.zeros(len(turns), length)
    for row, (turn, sample) in enumerate(zip(turns, samples, strict=True)):
        ids[row, : len(turn)] = torch.tensor((*turn.prompt_ids, *turn.answer_ids))
        mask[row, : len(turn)] = 1
        answer = slice(len(turn.prompt_ids) - 1, len(turn) - 1)  # a position predicts the next token
        labels[row, answer] = torch.tensor(turn.answer_ids)
        unspecified[row, answer] = 1 - torch.tensor(specified_tokens(turn.spans, sample.specified)).float()
    inputs = {"input_ids": ids, "attention_mask": mask}
    inputs |= _pixels(vlm, [picture for picture in pictures if picture])
    inputs = {name: value.to(vlm.device) for name, value in inputs.items()}
    return Batch(inputs, labels.to(vlm.device), unspecified.to(vlm.device))


def _pixels(vlm: VisionLanguageModel, pictures: Sequence[Path]) -> dict[str, Tensor]:
    if not pictures:
        return {}
    images = [Image.open(picture).convert("RGB") for picture in pictures]
    pixels: Tensor = image_inputs(vlm.processor, images)["pixel_values"]
    return {"pixel_values": pixels.to(vlm.model.dtype)}


def one_by_one(
    vlm: VisionLanguageModel, picture: Path, questions: Sequence[str], max_new_tokens: int
) -> list[str]:
    """Return the answers, one processor call and one ``generate`` per question."""
    return [batched(vlm, picture, [question], max_new_tokens)[0] for question in questions]


@torch.no_grad()
def batched(
    vlm: VisionLanguageModel, picture: Path, questions: Sequence[str], max_new_tokens: int
) -> list[str]:
    """Return the answers of one ``generate`` over left-padded rows, each with its own pixels."""
    prompts = [_prompt(vlm, question) for question in questions]
    images = [Image.open(picture).convert("RGB") for _ in questions]
    inputs = vlm.processor(
        images=images,
        text=prompts,
        padding=True,
        padding_side="left",
        add_special_tokens=False,
        return_tensors="pt",
    )
    inputs = inputs.to(vlm.device, vlm.model.dtype)
    selected = {name: inputs[name] for name in ("input_ids", "attention_mask", "pixel_values")}
    output = vlm.model.generate(**selected, max_new_tokens=max_new_tokens, do_sample=False, num_beams=1)
    answers = output[:, selected["input_ids"].shape[1] :]
    decoded: list[str] = vlm.processor.batch_decode(answers, skip_special_tokens=True)
    return [answer.strip() for answer in decoded]


def _prompt(vlm: VisionLanguageModel, question: str) -> str:
    content = [{"type": "image"}, {"type": "text", "text": question}]
    message = {"role": "user", "content": content}
    text: str = vlm.processor.apply_chat_template([message], add_generation_prompt=True)
    return text
