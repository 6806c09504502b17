"""Gradient checkpointing in a model that otherwise stays in eval mode."""

from collections.abc import Iterator
from contextlib import contextmanager

from transformers.modeling_layers import GradientCheckpointingLayer

from siu.models.vision_language_model import VisionLanguageModel


@contextmanager
def checkpointed(vlm: VisionLanguageModel) -> Iterator[None]:
    """Compute each layer's activations again in the backward pass.

    A layer does so in training mode only. That mode is set on the layer itself and not on what it consists
    of, so that nothing else changes, no dropout in particular. Layers drop the cache that a
    shared prefix lives in, so questions are packed after it meanwhile, or every row is run whole.
    """
    vlm.caches_allowed = False
    layers = [module for module in vlm.model.modules() if isinstance(module, GradientCheckpointingLayer)]
    vlm.model.activation_checkpointing_enable({"use_reentrant": False})
    for layer in layers:
        layer.training = True
    try:
        yield
    finally:
        vlm.model.activation_checkpointing_disable()
        for layer in layers:
            layer.training = False
        vlm.caches_allowed = True
