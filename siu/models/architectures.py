"""What is particular to each architecture: its parts, its processor, its token types."""

from dataclasses import dataclass
from typing import Literal

TokenTypes = Literal["none", "modality", "image", "suffix"]


@dataclass(frozen=True)
class Architecture:
    """One ``model_type`` of transformers, read from ``config.json``.

    Attributes:
        name: As people call it.
        processor: Its processor class in transformers.
        language_model: Where the language model is, from the top of the model.
        vision_tower: Where the vision tower is.
        projector: Modules between vision tower and language model; they may lie within the vision tower.
        token_types: Which token types the model wants beside the token ids (`siu.models.engine.token_types`).
        cacheable: Whether features computed beforehand replace pixels exactly: each picture is one row of the
            projector's input, and nothing but the projector's output reaches the language model.
        tiles: Whether the processor cuts a picture into a number of tiles that depends on its size.
    """

    name: str
    processor: str
    language_model: str = "model.language_model"
    vision_tower: str = "model.vision_tower"
    projector: tuple[str, ...] = ("model.multi_modal_projector",)
    token_types: TokenTypes = "none"
    cacheable: bool = False
    tiles: bool = False


def _qwen(name: str, processor: str, *projector: str) -> Architecture:
    return Architecture(
        name, processor, vision_tower="model.visual", projector=projector, token_types="modality", tiles=True
    )


def _idefics(name: str, processor: str) -> Architecture:
    return Architecture(
        name,
        processor,
        language_model="model.text_model",
        vision_tower="model.vision_model",
        projector=("model.connector",),
        tiles=True,
    )


ARCHITECTURES = {
    "llava": Architecture("LLaVA-1.5", "LlavaProcessor", cacheable=True),
    "fast_vlm": Architecture("FastVLM", "LlavaProcessor", cacheable=True),
    "llava_next": Architecture("LLaVA-NeXT", "LlavaNextProcessor", tiles=True),
    "llava_onevision": Architecture("LLaVA-OneVision", "LlavaOnevisionProcessor", tiles=True),
    "qwen2_vl": _qwen("Qwen2-VL", "Qwen2VLProcessor", "model.visual.merger"),
    "qwen2_5_vl": _qwen("Qwen2.5-VL", "Qwen2_5_VLProcessor", "model.visual.merger"),
    "qwen3_vl": _qwen(
        "Qwen3-VL", "Qwen3VLProcessor", "model.visual.merger", "model.visual.deepstack_merger_list"
    ),
    "internvl": Architecture("InternVL", "InternVLProcessor", tiles=True),
    "idefics3": _idefics("Idefics3", "Idefics3Processor"),
    "smolvlm": _idefics("SmolVLM", "SmolVLMProcessor"),
    "gemma3": Architecture("Gemma3", "Gemma3Processor", token_types="image"),
    "paligemma": Architecture("PaliGemma", "PaliGemmaProcessor", token_types="suffix"),
}
"""The architectures that are checked by tests, by ``model_type``; no other is loaded."""
