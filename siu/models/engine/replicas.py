"""Two lanes: the rows of one pass shared by two threads, each with modules of its own over the same weights.

A forward pass changes modules for a while (`last_layer`, `lower_states`), so two threads can't go through the
same ones. The second lane is a twin: its frozen weights are the model's own tensors, its trained ones share
their memory and have gradients of their own.

What goes to which lane depends on the rows alone, and gradients are added in the order of the lanes: bytes
are the same whether lanes run side by side or, on one core, in turn.
"""

import copy
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import takewhile
from typing import Any, TypeVar

import torch
from peft import PeftModel
from torch import nn

from siu.cores import has_spare_core
from siu.models.engine.draft_cache import DraftCache
from siu.models.engine.prefix import prefix_key, prefix_length
from siu.models.engine.prefix_probe import shares_prefixes
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel

T = TypeVar("T")
Task = Callable[[], Iterator[T]]

WORTH_A_TWIN = 10**9
"""Tokens times parameters from which on a second lane saves more than its twin costs to make."""


@dataclass(frozen=True)
class Lane:
    """One thread's view of the model.

    Attributes:
        number: 0 or 1.
        vlm: The model, for forward passes.
        whole: The module that holds it: the PEFT model where an adapter is trained.
    """

    number: int
    vlm: VisionLanguageModel
    whole: nn.Module


class Lanes:
    """The lanes of a model: two on a CPU, where pictures are frozen and nothing is drawn while it runs.

    Args:
        vlm: The model, its adapter attached.
        whole: The module that holds it, if that is another.
    """

    def __init__(self, vlm: VisionLanguageModel, whole: nn.Module | None = None) -> None:
        self._first = Lane(0, vlm, whole if whole is not None else vlm.model)
        self._count = 2 if _divisible(self._first) else 1

    @cached_property
    def all(self) -> tuple[Lane, ...]:
        """The lanes, the model itself first; the twin is made when it is wanted."""
        return (self._first,) if self._count == 1 else (self._first, _twin(self._first))

    def run(self, work: Callable[[Lane, list[int]], Iterator[T]], turns: Sequence[EncodedTurn]) -> list[T]:
        """Share turns between the lanes; return what all of them yield, lane after lane.

        Args:
            work: Is given a lane and the indices of its turns; it may be stopped wherever it yields.
            turns: What is run; may be empty.
        """
        if not turns:
            return []
        shares = _shares(self._first, turns, self._count)
        if len(shares) == 1:
            return list(work(self._first, shares[0]))
        tasks = [partial(work, lane, share) for lane, share in zip(self.all, shares, strict=True)]
        beside = torch.get_num_threads() == 1 and has_spare_core()  # torch's own threads would be too many
        by_lane = _side_by_side(tasks) if beside else [list(task()) for task in tasks]
        return [result for results in by_lane for result in results]

    @contextmanager
    def adapter_off(self) -> Iterator[None]:
        """Make the lanes of a PEFT model the base model."""
        with ExitStack() as stack:
            for lane in self.all:
                assert isinstance(lane.whole, PeftModel)
                stack.enter_context(lane.whole.disable_adapter())
            yield

    def add_gradients(self) -> None:
        """Move the gradients of all lanes to the model's own parameters."""
        for twin in self.all[1:]:
            pairs = zip(self.all[0].whole.parameters(), twin.whole.parameters(), strict=True)
            for target, source in pairs:
                if source is target or source.grad is None:
                    continue
                target.grad = source.grad if target.grad is None else target.grad.add_(source.grad)
                source.grad = None


def _divisible(lane: Lane) -> bool:
    """Return whether a second thread may use the model: nothing else hooks into it, and nothing is random."""
    modules = list(lane.whole.modules())
    return (
        lane.vlm.device.type == "cpu"
        and lane.vlm.caches_allowed
        and lane.vlm.features.frozen
        and not any(isinstance(module, nn.Dropout) and module.p > 0 for module in modules)
        and not any(_is_watched(module) for module in modules)
    )


def _is_watched(module: nn.Module) -> bool:
    """Return whether something hooks into the module or replaced its ``forward`` for this model alone.

    transformers' own hooks tell threads apart.
    """
    hooks = (*module._forward_hooks.values(), *module._forward_pre_hooks.values())
    if "forward" in vars(module) or module._backward_hooks:
        return True
    return any(not (getattr(hook, "__module__", None) or "").startswith("transformers.") for hook in hooks)


def _twin(lane: Lane) -> Lane:
    shares_prefixes(lane.vlm)  # tried before there are two: it makes a shared weight trainable for a while
    copies: dict[int, Any] = {id(buffer): buffer for buffer in lane.whole.buffers()}
    for parameter in lane.whole.parameters():
        copies[id(parameter)] = nn.Parameter(parameter.detach()) if parameter.requires_grad else parameter
    whole = copy.deepcopy(lane.whole, copies)
    vlm = copy.copy(lane.vlm)
    vlm.model, vlm.drafts = copies[id(lane.vlm.model)], DraftCache()
    return Lane(1, vlm, whole)


def _shares(first: Lane, turns: Sequence[EncodedTurn], count: int) -> list[list[int]]:
    """Return the indices of each lane: prefixes stay whole, and lanes have about equally many tokens.

    There are no more lanes than prefixes and rows without one; a single one where whole rows are run or
    there are few tokens.
    """
    together = [list(range(len(turns)))]
    if count == 1:
        return together
    vlm = first.vlm
    groups: dict[Hashable, list[int]] = {}
    for index, turn in enumerate(turns):  # equal texts stay together: what is kept of one serves the other
        key: Hashable = turn if turn.picture is None else prefix_key(vlm, turn)
        groups.setdefault(key, []).append(index)
    if len(groups) == 1 or not shares_prefixes(vlm):
        return together
    tokens = {key: _tokens(vlm, [turns[index] for index in group]) for key, group in groups.items()}
    size = sum(parameter.numel() for parameter in first.whole.parameters())
    if size * sum(tokens.values()) < WORTH_A_TWIN:
        return together
    loads, shares = [0] * count, [list[int]() for _ in range(count)]
    for key in sorted(groups, key=lambda key: (-tokens[key], groups[key][0])):
        lane = loads.index(min(loads))
        loads[lane] += tokens[key]
        shares[lane] += groups[key]
    return [sorted(share) for share in shares]


def _tokens(vlm: VisionLanguageModel, turns: Sequence[EncodedTurn]) -> int:
    prefix = prefix_length(vlm, turns[0])
    return prefix + sum(len(turn) - prefix for turn in turns)


def _side_by_side(tasks: Sequence[Task[T]]) -> list[list[T]]:
    """Run each task but the first on a thread of its own; where one fails the others stop."""
    stopped, grad = threading.Event(), torch.is_grad_enabled()

    def run(task: Task[T]) -> list[T]:
        try:
            with torch.set_grad_enabled(grad):
                return list(takewhile(lambda _: not stopped.is_set(), task()))
        except BaseException:
            stopped.set()
            raise

    first, *further = tasks
    with ThreadPoolExecutor(len(further)) as threads:
        waiting = [threads.submit(run, task) for task in further]
        try:
            return [run(first), *(future.result() for future in waiting)]
        except BaseException:  # an interrupt that comes while the others are waited for
            stopped.set()
            raise
