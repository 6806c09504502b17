"""Stage 1: the vision tower and the projector learn to tell attributes, counts and identities."""

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from siu.worlds.drawn.figure import ATTRIBUTES, KINDS
from siu.worlds.drawn.palette import BACKGROUNDS
from siu.worlds.drawn.scene import MOST_BALLS
from siu.worlds.drawn.training.architecture import GRID, WIDTH
from siu.worlds.drawn.training.halves import Share
from siu.worlds.drawn.training.optimisers import Optimisers, Part
from siu.worlds.drawn.training.pool import Shown, rows_by_role, to_pixels

_SHARES = {"concept": 0.08, "look_alike": 0.22, "stranger": 0.55, "group": 0.15}
"""How often each role is shown: mostly random looks, or attributes would be read off identities."""

_SHIFT = 6

Labels = list[tuple[str, int]]
"""Name of a head and the right class, for one view."""


class Heads(nn.Module):
    """One linear head for each attribute of each kind, and for identity, background, kind and balls."""

    def __init__(self, identities: tuple[str, ...]) -> None:
        super().__init__()
        sizes = {f"{kind}:{name}": len(values) for kind in KINDS for name, values in ATTRIBUTES[kind].items()}
        sizes |= {"background": len(BACKGROUNDS), "kind": len(KINDS), "balls": MOST_BALLS + 1}
        self.linear = nn.ModuleDict({name: nn.Linear(WIDTH, size) for name, size in sizes.items()})
        self.identity = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, len(identities) + 1)
        )

    def forward(self, name: str, views: Tensor) -> Tensor:
        """Return the logits of one head, [views, classes]."""
        head = self.identity if name == "identity" else self.linear[name]
        logits: Tensor = head(views)
        return logits


def teach_seeing(
    model: Any,
    pool: list[Shown],
    pictures: Tensor,
    *,
    steps: int,
    batch: int,
    seed: int,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> Heads:
    """Train vision tower and projector together with heads that are thrown away afterwards.

    Args:
        model: The whole model.
        pool: What the pictures show.
        pictures: [pictures, side, side, 3] bytes.
        steps: Optimiser steps.
        batch: Pictures per step.
        seed: Decides the order of the pictures.
        on_step: Called with step and loss.
    """
    identities = tuple(sorted({key for shown in pool for key in shown.concepts if key}))
    heads = Heads(identities)
    labels = [_labels(shown, identities) for shown in pool]
    trained = [
        *model.model.vision_tower.named_parameters(),
        *model.model.multi_modal_projector.named_parameters(),
    ]
    rng = random.Random(f"seeing:{seed}")
    roles = rows_by_role(pool)

    def half() -> Callable[[], Share]:
        drawn = rng.choices(list(_SHARES), list(_SHARES.values()), k=batch // 2)
        rows = [rng.choice(roles[role]) for role in drawn]
        pixels = torch.stack([varied(pictures[row], pool[row].role != "group", rng) for row in rows])
        return lambda: _loss(heads, views(model, to_pixels(pixels)), [labels[row] for row in rows])

    part = Part([*trained, *heads.named_parameters()], muon=0.02, adamw=2e-3)
    with Optimisers([part], steps) as optimisers:
        for step in range(steps):
            on_step(step, optimisers.step(half(), half()))
    return heads


def varied(picture: Tensor, may_flip: bool, rng: random.Random) -> Tensor:
    """Shift a picture a little and perhaps mirror it, so that no picture can be learned by heart."""
    shifted = picture.roll((rng.randint(-_SHIFT, _SHIFT), rng.randint(-_SHIFT, _SHIFT)), dims=(0, 1))
    return shifted.flip(1) if may_flip and rng.random() < 0.5 else shifted


def views(model: Any, pixels: Tensor) -> Tensor:
    """Return mean projected features of the whole picture, its left and its right part, [n, 3, width]."""
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        features = model.model.vision_tower(pixels).last_hidden_state[:, 1:]
        projected = model.model.multi_modal_projector(features)
    grid = projected.float().unflatten(1, (GRID, GRID))
    half = GRID // 2
    parts = (grid, grid[:, :, :half], grid[:, :, GRID - half :])
    return torch.stack([part.flatten(1, 2).mean(dim=1) for part in parts], dim=1)


def _loss(heads: Heads, seen: Tensor, labels: list[list[Labels]]) -> Share:
    """Return the sum over heads and how many; ``labels`` has whole, left and right view of each picture."""
    places: dict[str, tuple[list[int], list[int], list[int]]] = {}
    for row, per_view in enumerate(labels):
        for view, count in enumerate(per_view):
            for name, value in count:
                rows, which, values = places.setdefault(name, ([], [], []))
                rows.append(row)
                which.append(view)
                values.append(value)
    losses = [
        cross_entropy(heads(name, seen[rows, which]), torch.tensor(values), reduction="sum")
        for name, (rows, which, values) in places.items()
    ]
    return torch.stack(losses).sum(), sum(len(values) for *_, values in places.values())


def _labels(shown: Shown, identities: tuple[str, ...]) -> list[Labels]:
    scene = shown.scene
    whole: Labels = [
        ("background", sorted(BACKGROUNDS).index(scene.background)),
        ("kind", KINDS.index(scene.figures[0].kind)),
    ]
    figures = [_figure_labels(shown, index, identities) for index in range(len(scene.figures))]
    if len(figures) == 2:
        return [whole, *figures]
    return [[*whole, ("balls", scene.balls), *figures[0]]]


def _figure_labels(shown: Shown, index: int, identities: tuple[str, ...]) -> Labels:
    made, key = shown.scene.figures[index], shown.concepts[index]
    labels = [
        (f"{made.kind}:{name}", ATTRIBUTES[made.kind][name].index(value))
        for name, value in made.looks.items()
    ]
    return [*labels, ("identity", identities.index(key) if key else len(identities))]
