"""Work that is counted, not timed: the same on every machine, however busy."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

from siu.cores import one_core


@dataclass
class Work:
    """What some call has cost.

    Attributes:
        forward_calls: Forward passes of the language model.
        backbone_tokens: Tokens through the language model, padding counted.
        head_rows: Positions through the vocabulary head.
        vision_rows: Pictures through the vision tower.
        flops: Floating-point operations of matrix products and attention, forward and backward; attention
            in full squares, elementwise operations left out.
    """

    forward_calls: int = 0
    backbone_tokens: int = 0
    head_rows: int = 0
    vision_rows: int = 0
    flops: int = 0


def count(models: Sequence[nn.Module], run: Callable[[], object]) -> Work:
    """Run once and return what that cost.

    Args:
        models: LLaVA models that it may use, adapters attached.
        run: What is counted.
    """
    with (
        one_core(),
        _counted(models) as work,
        FlopCounterMode(display=False, custom_mapping=_cpu_attention()) as counter,
    ):
        run()
    work.flops = counter.get_total_flops()
    return work


@contextmanager
def _counted(models: Sequence[nn.Module]) -> Iterator[Work]:
    work = Work()

    def backbone(module: nn.Module, inputs: Any, named: dict[str, Any]) -> None:
        embeddings: Tensor = named["inputs_embeds"]
        work.forward_calls += 1
        work.backbone_tokens += embeddings.shape[0] * embeddings.shape[1]

    def head(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        work.head_rows += inputs[0].numel() // inputs[0].shape[-1]

    def vision(module: nn.Module, inputs: tuple[Tensor, ...], named: dict[str, Any]) -> None:
        pixels: Tensor = inputs[0] if inputs else named["pixel_values"]
        work.vision_rows += len(pixels)

    hooks = []
    for model in models:
        parts: Any = model
        hooks.append(
            parts.model.language_model.register_forward_pre_hook(backbone, with_kwargs=True, prepend=True)
        )
        hooks.append(parts.get_output_embeddings().register_forward_pre_hook(head))
        hooks.append(parts.model.vision_tower.register_forward_pre_hook(vision, with_kwargs=True))
    try:
        yield work
    finally:
        for hook in hooks:
            hook.remove()


def _cpu_attention() -> dict[Any, Any]:
    """Return the FLOPs of the CPU's fused attention, which torch's counter does not know."""
    aten = torch.ops.aten

    def forward(query: Any, key: Any, value: Any, *further: Any, **named: Any) -> int:
        return int(sdpa_flop_count(query, key, value))

    def backward(gradient: Any, query: Any, key: Any, value: Any, *further: Any, **named: Any) -> int:
        return int(sdpa_backward_flop_count(gradient, query, key, value))

    return {
        aten._scaled_dot_product_flash_attention_for_cpu: forward,
        aten._scaled_dot_product_flash_attention_for_cpu_backward: backward,
    }
