"""Stage 3: all parts learn together, on fresh pictures, so that the tower sees what the answers need."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from siu.worlds.drawn.training.halves import Share
from siu.worlds.drawn.training.items import Lessons
from siu.worlds.drawn.training.optimisers import Optimisers, Part
from siu.worlds.drawn.training.packing import Packer
from siu.worlds.drawn.training.pool import PoolSizes, draw_pool, make_pool, rows_by_role, to_pixels
from siu.worlds.drawn.training.seeing import varied
from siu.worlds.drawn.training.speaking import lesson_loss, speaking_parameters


@dataclass(frozen=True)
class TogetherSizes:
    """How long and how wide the third stage is.

    Attributes:
        pool: How many pictures are drawn; others than in the stages before.
        steps: Optimiser steps.
        rows: Pictures per step, an even number.
        text_rows: Text-only rows per step, an even number, of two questions each.
        questions: Questions about a picture.
        shares: How often pictures of each role are shown.
        rate: Factor of the language model's and the projector's learning rates.
        vision_rate: Factor of the vision tower's.
    """

    pool: PoolSizes = field(default_factory=lambda: PoolSizes(300, 150, 1500, 6000))
    steps: int = 1700
    rows: int = 24
    text_rows: int = 4
    questions: int = 3
    shares: tuple[tuple[str, float], ...] = (
        ("concept", 0.4),
        ("look_alike", 0.15),
        ("stranger", 0.15),
        ("group", 0.3),
    )
    rate: float = 0.35
    vision_rate: float = 0.2


def teach_together(
    model: Any,
    packer: Packer,
    sizes: TogetherSizes,
    *,
    seed: int,
    without: tuple[str, ...] = (),
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Train vision tower, projector and language model end to end.

    Args:
        model: The whole model, taught by the stages before.
        packer: Packs items with the model's tokenizer.
        sizes: Length and width.
        seed: Decides pictures and lessons.
        without: Ids of concepts that no picture shows and no item mentions.
        on_step: Called with step and loss.
    """
    model.requires_grad_(True)
    pool = make_pool(sizes.pool, seed=seed, without=without)
    pictures, roles = draw_pool(pool), rows_by_role(pool)
    rng = random.Random(f"polish:{seed}")
    lessons = Lessons(rng, without)
    seeing = list(model.model.vision_tower.named_parameters())
    names, shares = zip(*sizes.shares, strict=True)

    def half() -> Callable[[], Share]:
        rows = [rng.choice(roles[role]) for role in rng.choices(names, shares, k=sizes.rows // 2)]
        questions = [[lessons.about_picture(pool[row]) for _ in range(sizes.questions)] for row in rows]
        pictured = packer.pack(questions, with_picture=True)
        text = packer.pack(lessons.text_rows(sizes.text_rows // 2), with_picture=False)
        pixels = to_pixels(
            torch.stack([varied(pictures[row], pool[row].role != "group", rng) for row in rows])
        )
        return lambda: lesson_loss(
            model, pictured, lambda: model.model.vision_tower(pixels).last_hidden_state[:, 1:], text
        )

    parts = [
        Part(speaking_parameters(model), muon=0.02 * sizes.rate, adamw=3e-3 * sizes.rate),
        Part(seeing, muon=0.02 * sizes.vision_rate, adamw=2e-3 * sizes.vision_rate),
    ]
    with Optimisers(parts, sizes.steps) as optimisers:
        for step in range(sizes.steps):
            on_step(step, optimisers.step(half(), half()))
