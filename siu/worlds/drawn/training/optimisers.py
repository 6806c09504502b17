"""Muon for the matrices inside the layers, AdamW for everything else, one schedule for both."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType

import torch
from torch import nn

from siu.worlds.drawn.training.halves import Halves, Share


@dataclass(frozen=True)
class Part:
    """A part of the model with learning rates of its own.

    Attributes:
        named: Parameters with their names; matrices in ``layers`` go to Muon.
        muon: Highest learning rate of Muon.
        adamw: Highest learning rate of AdamW.
    """

    named: Sequence[tuple[str, nn.Parameter]]
    muon: float
    adamw: float

    def parameters(self, *, matrices: bool) -> list[nn.Parameter]:
        """Return the matrices inside the layers, or everything else."""
        return [
            parameter
            for name, parameter in self.named
            if (parameter.ndim == 2 and ".layers." in f".{name}") == matrices
        ]


class Optimisers:
    """Steps of all parts together under a warm-up and a cosine; two threads share the work.

    Args:
        parts: What is trained.
        steps: Length of the schedule.
    """

    def __init__(self, parts: Sequence[Part], steps: int) -> None:
        self._parameters = [parameter for part in parts for _, parameter in part.named]
        self._halves = Halves(self._parameters)
        self._threads = [_optimisers(parts, thread) for thread in range(2)]
        warmup = max(1, min(50, steps // 10))

        def factor(step: int) -> float:
            return min((step + 1) / warmup, 0.5 + 0.5 * math.cos(math.pi * step / steps))

        self._schedules = [
            torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
            for thread in self._threads
            for optimiser in thread
        ]

    def __enter__(self) -> "Optimisers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._halves.close()

    def step(self, first: Callable[[], Share], second: Callable[[], Share]) -> float:
        """Take one step down the gradient of the mean over two halves of a batch; return the mean."""
        loss = self._halves.backward(first, second)
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        front, back = self._threads
        self._halves.both(lambda: _step(front), lambda: _step(back))
        for schedule in self._schedules:
            schedule.step()
        return loss


def _optimisers(parts: Sequence[Part], thread: int) -> list[torch.optim.Optimizer]:
    """Return the optimisers of every second parameter."""
    matrices = [{"params": part.parameters(matrices=True)[thread::2], "lr": part.muon} for part in parts]
    groups = [{"params": part.parameters(matrices=False)[thread::2], "lr": part.adamw} for part in parts]
    return [
        torch.optim.Muon(matrices, weight_decay=0.01, momentum=0.95),
        torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.98)),
    ]


def _step(optimisers: Iterable[torch.optim.Optimizer]) -> None:
    for optimiser in optimisers:
        optimiser.step()
