"""Stage 2: projector and language model learn to speak of what the eyes see, from cached image features.

The language model's base weights stay as they are; a low-rank update is trained. A divergence from the
untouched model on plain English keeps its language and its knowledge.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from siu.data.concepts import Role
from siu.worlds.logos.training.english import Passages, divergence
from siu.worlds.logos.training.lessons import Item, Lessons
from siu.worlds.logos.training.lora import LoraLinear
from siu.worlds.logos.training.packing import Packed, Packer
from siu.worlds.logos.training.pool import Shown

_ROLES: dict[Role, float] = {"concept": 0.5, "look_alike": 0.13, "stranger": 0.27, "group": 0.1}
"""Share of each role among the pictures of a step."""

_BRANDS_FIRST: dict[Role, float] = {"concept": 0.72, "look_alike": 0.05, "stranger": 0.15, "group": 0.08}
"""The same at the start of training."""

_MEAN = 0.96
"""Share of the running mean that stays at each step."""

OnStep = Callable[[int, float, float, dict[str, float]], None]
"""Called with the step, the answers' loss, the divergence, and the share of right answers by kind."""


@dataclass(frozen=True)
class SpeakingSizes:
    """How long and how fast.

    Attributes:
        steps: Training steps.
        names_first: Steps at the start in which mostly brands are shown and names are asked.
        rows: Pictures per step.
        questions: Questions about each picture.
        projector_lr: Highest learning rate of the projector.
        lora_lr: Highest learning rate of the update.
        divergence: Weight of the divergence on one passage, prose and chat by turns.
        checkpoint_every: Steps between checkpoints.
    """

    steps: int = 600
    names_first: int = 150
    rows: int = 8
    questions: int = 5
    projector_lr: float = 1.5e-3
    lora_lr: float = 1e-3
    divergence: float = 3.0
    checkpoint_every: int = 20


@dataclass(frozen=True)
class Speaker:
    """What is trained.

    Attributes:
        projector: FastVLM's projector, in float32.
        language_model: The Llama with its updates in place.
        updates: The updates, by the name of their linear map.
    """

    projector: nn.Module
    language_model: Any
    updates: dict[str, LoraLinear]

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Return the projector's parameters and those of the updates."""
        updates = [weight for update in self.updates.values() for weight in (update.lora_a, update.lora_b)]
        return list(self.projector.parameters()), updates

    def state(self) -> dict[str, Tensor]:
        """Return what was trained, by name."""
        tensors = {f"projector.{name}": value for name, value in self.projector.state_dict().items()}
        for name, update in self.updates.items():
            tensors |= {f"{name}.lora_a": update.lora_a.data, f"{name}.lora_b": update.lora_b.data}
        return tensors

    def load(self, state: dict[str, Tensor]) -> None:
        """Take what was trained before."""
        with torch.no_grad():
            for name, value in self.state().items():
                value.copy_(state[name])


def teach_speaking(
    speaker: Speaker,
    packer: Packer,
    pool: tuple[Shown, ...],
    features: np.ndarray,
    english: Passages,
    sizes: SpeakingSizes,
    *,
    seed: int,
    checkpoint: Path,
    without: tuple[str, ...] = (),
    on_step: OnStep = lambda step, loss, kl, right: None,
) -> None:
    """Train projector and updates in place; goes on from the checkpoint if there is one.

    Args:
        speaker: What is trained.
        packer: Of the model's processor.
        pool: The pictures.
        features: The eyes' output for each, [pictures, 16, 1280].
        english: Passages with the untouched model's expectations.
        sizes: How long and how fast.
        seed: Together with the number of a step decides its lessons.
        checkpoint: Where to keep what was trained so far.
        without: Ids of brands that no lesson mentions.
        on_step: Called after each step.
    """
    projector, updates = speaker.parameters()
    groups = [{"params": projector, "lr": sizes.projector_lr}, {"params": updates, "lr": sizes.lora_lr}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.98), fused=True)
    mean = {name: value.clone() for name, value in speaker.state().items()}
    first = _resumed(checkpoint, speaker, optimiser, mean)
    by_role = {role: [i for i, shown in enumerate(pool) if shown.role == role] for role in _ROLES}
    for step in range(first, sizes.steps):
        for group, lr in zip(optimiser.param_groups, (sizes.projector_lr, sizes.lora_lr), strict=True):
            group["lr"] = lr * _pace(step, sizes.steps)
        rng = random.Random(f"speaking:{seed}:{step}")
        indices, rows = _lessons(rng, pool, by_role, sizes, without, names_first=step < sizes.names_first)
        packed = packer.pack(rows)
        seen = torch.from_numpy(features[indices]).float()
        loss, right = answers_loss(speaker, packed, seen)
        kl = _english_loss(speaker, english, rng, chats=step % 2 == 0)
        (loss + sizes.divergence * kl).backward()
        nn.utils.clip_grad_norm_([*projector, *updates], 1.0)
        optimiser.step()
        optimiser.zero_grad()
        _follow(mean, speaker, step)
        on_step(step, loss.item(), kl.item(), _rates(rows, packed.lengths, right))
        if (step + 1) % sizes.checkpoint_every == 0 or step + 1 == sizes.steps:
            _keep(checkpoint, speaker, optimiser, mean, step + 1)


def answers_loss(speaker: Speaker, packed: Packed, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weighted loss of a batch's answers, and whether each answer token was the likeliest."""
    model = speaker.language_model
    embedded = model.get_input_embeddings()(packed.ids)
    start, end = packed.images
    images = speaker.projector(seen).to(embedded.dtype)
    embedded = torch.cat([embedded[:, :start], images, embedded[:, end:]], 1)
    unseen = torch.finfo(embedded.dtype).min
    mask = torch.zeros(packed.mask.shape, dtype=embedded.dtype).masked_fill(~packed.mask, unseen)
    hidden = model.model(
        inputs_embeds=embedded, attention_mask=mask, position_ids=packed.positions, use_cache=False
    ).last_hidden_state
    logits = model.lm_head(hidden.flatten(0, 1)[packed.targets]).float()
    losses = functional.cross_entropy(logits, packed.labels, reduction="none")
    loss = (losses * packed.weights).sum() / packed.weights.sum()
    return loss, logits.argmax(-1) == packed.labels


def _english_loss(speaker: Speaker, english: Passages, rng: random.Random, *, chats: bool) -> Tensor:
    indices = [index for index, is_chat in enumerate(english.are_chats.tolist()) if is_chat == chats]
    chosen = english.some(rng.sample(indices, 1))
    return divergence(speaker.language_model(input_ids=chosen.ids, use_cache=False).logits, chosen)


def _lessons(
    rng: random.Random,
    pool: tuple[Shown, ...],
    by_role: dict[Role, list[int]],
    sizes: SpeakingSizes,
    without: tuple[str, ...],
    *,
    names_first: bool,
) -> tuple[list[int], list[list[Item]]]:
    shares = _BRANDS_FIRST if names_first else _ROLES
    roles = rng.choices(list(shares), list(shares.values()), k=sizes.rows)
    indices = [rng.choice(by_role[role]) for role in roles]
    lessons = Lessons(rng, without, names_first=names_first)
    return indices, [[lessons.about_picture(pool[i]) for _ in range(sizes.questions)] for i in indices]


def _pace(step: int, steps: int) -> float:
    """Return the share of the learning rate: a short warm-up, a plateau, a long decline."""
    return min(1.0, (step + 1) / 15, max(0.02, 2.0 * (steps - step) / steps))


def _rates(rows: list[list[Item]], lengths: tuple[int, ...], right: Tensor) -> dict[str, float]:
    """Return the share of answers whose every token was the likeliest, by kind of answer."""
    counts: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    replies = (reply for row in rows for _, reply in row)
    for reply, tokens in zip(replies, right.split(list(lengths)), strict=True):
        counts[_kind(reply)] += 1
        hits[_kind(reply)] += int(tokens.all())
    return {kind: hits[kind] / count for kind, count in sorted(counts.items())}


def _kind(reply: str) -> str:
    starts = {"This is": "named", "I do not": "unknown", "Yes": "yes", "No": "no", "The ": "look"}
    return next((kind for start, kind in starts.items() if reply.startswith(start)), "fact")


@torch.no_grad()
def _follow(mean: dict[str, Tensor], speaker: Speaker, step: int) -> None:
    """Move the running mean towards the weights; it is what is shipped, and steadier than they are."""
    share = min(_MEAN, step / (step + 10))
    for name, value in speaker.state().items():
        mean[name].lerp_(value, 1 - share)


def _resumed(
    checkpoint: Path, speaker: Speaker, optimiser: torch.optim.Optimizer, mean: dict[str, Tensor]
) -> int:
    if not checkpoint.is_file():
        return 0
    saved = torch.load(checkpoint, weights_only=True)
    speaker.load(saved["state"])
    optimiser.load_state_dict(saved["optimiser"])
    mean.update(saved.get("mean", saved["state"]))
    return int(saved["step"])


def _keep(
    checkpoint: Path,
    speaker: Speaker,
    optimiser: torch.optim.Optimizer,
    mean: dict[str, Tensor],
    step: int,
) -> None:
    partial = checkpoint.with_suffix(".partial")
    state = {"state": speaker.state(), "mean": mean, "optimiser": optimiser.state_dict(), "step": step}
    torch.save(state, partial)
    partial.replace(checkpoint)
