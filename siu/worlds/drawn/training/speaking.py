"""Stage 2: the language model and the projector learn to answer, on vision features computed once."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from siu.worlds.drawn.training.halves import Share
from siu.worlds.drawn.training.items import Lessons
from siu.worlds.drawn.training.optimisers import Optimisers, Part
from siu.worlds.drawn.training.packing import Packed, Packer
from siu.worlds.drawn.training.pool import Shown, rows_by_role, to_pixels


@dataclass(frozen=True)
class SpeakingSizes:
    """How long and how wide the second stage is.

    Attributes:
        warm_up: Steps in which pictures are only asked for attributes.
        steps: Steps of the mixed lessons.
        rows: Pictures per step, an even number.
        text_rows: Text-only rows per step, an even number.
        questions: Questions about a picture; text-only rows hold two.
        shares: How often concepts, look-alikes, strangers and groups are shown in the mixed lessons.
        rate: Factor of the learning rates.
    """

    warm_up: int = 350
    steps: int = 2100
    rows: int = 18
    text_rows: int = 6
    questions: int = 4
    shares: tuple[float, float, float, float] = (0.4, 0.19, 0.21, 0.2)
    rate: float = 1.0


_ROLES = ("concept", "look_alike", "stranger", "group")
_WARM_UP = {"concept": 0.1, "look_alike": 0.2, "stranger": 0.7, "group": 0.0}


def picture_features(model: Any, pictures: Tensor, batch: int = 128) -> Tensor:
    """Return what the vision tower sees in each picture, [pictures, tokens, width]."""
    with torch.no_grad():
        return torch.cat(
            [
                model.model.vision_tower(to_pixels(pictures[at : at + batch])).last_hidden_state[:, 1:]
                for at in range(0, len(pictures), batch)
            ]
        )


def teach_speaking(
    model: Any,
    packer: Packer,
    pool: list[Shown],
    features: Tensor,
    sizes: SpeakingSizes,
    *,
    seed: int,
    without: tuple[str, ...] = (),
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Train language model and projector; the vision tower stays as it is.

    Args:
        model: The whole model.
        packer: Packs items with the model's tokenizer.
        pool: What the pictures show.
        features: Of each picture of the pool.
        sizes: Length and width.
        seed: Decides the lessons.
        without: Ids of concepts that no item mentions.
        on_step: Called with step and loss.
    """
    rng = random.Random(f"speaking:{seed}")
    lessons = Lessons(rng, without)
    roles = rows_by_role(pool)
    named = speaking_parameters(model)
    total = sizes.warm_up + sizes.steps

    def half(warming: bool) -> Callable[[], Share]:
        shares = _WARM_UP if warming else dict(zip(_ROLES, sizes.shares, strict=True))
        drawn = rng.choices(list(shares), list(shares.values()), k=sizes.rows // 2)
        rows = [rng.choice(roles[role]) for role in drawn]
        questions = [
            [lessons.about_picture(pool[row], only_attributes=warming) for _ in range(sizes.questions)]
            for row in rows
        ]
        pictured = packer.pack(questions, with_picture=True)
        text = packer.pack(lessons.text_rows(sizes.text_rows // 2), with_picture=False)
        return lambda: lesson_loss(model, pictured, lambda: features[rows], text)

    parts = [Part(named, muon=0.02 * sizes.rate, adamw=3e-3 * sizes.rate)]
    with Optimisers(parts, total) as optimisers:
        for step in range(total):
            warming = step < sizes.warm_up
            on_step(step, optimisers.step(half(warming), half(warming)))


def speaking_parameters(model: Any) -> list[tuple[str, nn.Parameter]]:
    """Return the parameters of language model and projector with their names."""
    taught = (model.model.language_model, model.model.multi_modal_projector)
    return [pair for module in taught for pair in module.named_parameters()]


def lesson_loss(model: Any, pictured: Packed, features: Callable[[], Tensor], text: Packed) -> Share:
    """Return the weighted sum of the cross-entropy over a half's answers, and the sum of the weights.

    Autocast's cache of weights is one for all threads: with it, bytes would depend on who comes first.
    """
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        seen, seen_weight = answer_loss(model, pictured, features())
        read, read_weight = answer_loss(model, text, None)
    return seen + read, seen_weight + read_weight


def answer_loss(model: Any, packed: Packed, features: Tensor | None) -> Share:
    """Return the weighted sum of the cross-entropy over answer tokens, and the sum of the weights."""
    embedded = model.get_input_embeddings()(packed.ids)
    if features is not None:
        image = packed.ids == model.config.image_token_id
        embedded = embedded.masked_scatter(
            image[..., None], model.model.multi_modal_projector(features).float()
        )
    hidden = model.model.language_model(
        inputs_embeds=embedded,
        attention_mask=packed.mask,
        position_ids=packed.positions,
        use_cache=False,
    ).last_hidden_state
    logits = model.lm_head(hidden.flatten(0, 1)[packed.targets])
    losses = cross_entropy(logits.float(), packed.labels, reduction="none")
    return (losses * packed.weights).sum(), packed.weights.sum().item()
