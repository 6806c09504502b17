"""The models that are measured, made in memory: the shipped one, and others with random weights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import AddedToken
from transformers import (
    AutoModelForImageTextToText,
    AutoTokenizer,
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaProcessor,
)

from siu.config.params import BaseModelParams, LoraParams, RuntimeParams
from siu.models import VisionLanguageModel, load_model
from siu.models.engine.prefix_probe import shares_prefixes
from siu.worlds.drawn import base_folder

PAPER_LORA = LoraParams(rank=128, alpha=256, dropout=0.05)
_VOCABULARY = 32_064
"""LLaVA-1.5's."""
_LONGEST = 4_096


@dataclass(frozen=True)
class Size:
    """One size of model.

    Attributes:
        make: Makes it on a device.
        lora: The adapter that is trained.
    """

    make: Callable[[torch.device], VisionLanguageModel]
    lora: LoraParams

    def build(self, device: torch.device) -> VisionLanguageModel:
        """Return the model, its prefixes tried: a run does that once, so no measurement counts it."""
        vlm = self.make(device)
        shares_prefixes(vlm)
        return vlm


def build_llava(
    vision: dict[str, Any],
    text: dict[str, Any],
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> VisionLanguageModel:
    """Return a LLaVA with random weights that are the same in every run on the same device.

    Its tokenizer is the embedded model's, filled up with one token per further id, so that any answer can be
    told from any other.

    Args:
        vision: Fields of the CLIP configuration that differ from its defaults.
        text: Fields of the Llama configuration, ``vocab_size`` among them.
        dtype: Precision of the weights.
        device: Where the weights are drawn; None means the CPU.
    """
    processor = _processor(vision["image_size"], vision["patch_size"], text["vocab_size"])
    tokenizer = processor.tokenizer
    config_class: Any = LlavaConfig
    config = config_class(
        vision_config=CLIPVisionConfig(**vision),
        text_config=LlamaConfig(
            **text, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
        ),
        image_token_id=tokenizer.convert_tokens_to_ids(processor.image_token),
        image_seq_length=(vision["image_size"] // vision["patch_size"]) ** 2,
    )
    with torch.random.fork_rng(), torch.device(device or "cpu"):
        torch.manual_seed(0)
        model: Any = AutoModelForImageTextToText.from_config(config, dtype=dtype)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return VisionLanguageModel(model, processor, digest="random weights")


def _processor(image_size: int, patch_size: int, vocabulary: int) -> Any:
    """Return the embedded model's processor for other pictures and a larger vocabulary."""
    tokenizer = AutoTokenizer.from_pretrained(base_folder(), local_files_only=True)
    further = range(len(tokenizer), vocabulary)
    tokenizer.model_max_length = _LONGEST
    tokenizer.add_tokens([AddedToken(f"⟨{number}⟩", normalized=False) for number in further])
    square = {"height": image_size, "width": image_size}
    return LlavaProcessor(
        CLIPImageProcessorPil(size=square, crop_size=square),
        tokenizer,
        patch_size=patch_size,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=(base_folder() / "chat_template.jinja").read_text(encoding="utf-8"),
    )


def _embedded(device: torch.device) -> VisionLanguageModel:
    return load_model(BaseModelParams(), RuntimeParams(device="cuda" if device.type == "cuda" else "cpu"))


def _tiny(device: torch.device) -> VisionLanguageModel:
    """For tests: 16 image tokens, two layers."""
    vision = _vision(width=32, layers=2, heads=2, image_size=56)
    text = text_shape(width=32, layers=2, heads=2, mlp=64, vocabulary=1_600)
    return build_llava(vision, text, device=device)


def _mid(device: torch.device) -> VisionLanguageModel:
    """576 image tokens, as many as LLaVA-1.5's, in a model for a CPU."""
    vision = _vision(width=384, layers=12, heads=6, image_size=336)
    text = text_shape(width=512, layers=8, heads=8, mlp=1_376, vocabulary=_VOCABULARY)
    return build_llava(vision, text, device=device)


def _llava_7b(device: torch.device) -> VisionLanguageModel:
    """LLaVA-1.5-7B's configuration, random weights in bfloat16."""
    vision = _vision(width=1_024, layers=24, heads=16, image_size=336)
    text = text_shape(width=4_096, layers=32, heads=32, mlp=11_008, vocabulary=_VOCABULARY)
    return build_llava(vision, text, torch.bfloat16, device)


def _vision(width: int, layers: int, heads: int, image_size: int) -> dict[str, Any]:
    return {
        "hidden_size": width,
        "intermediate_size": 4 * width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "image_size": image_size,
        "patch_size": 14,
    }


def text_shape(width: int, layers: int, heads: int, mlp: int, vocabulary: int) -> dict[str, Any]:
    """Return the fields of a Llama configuration."""
    return {
        "hidden_size": width,
        "intermediate_size": mlp,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "vocab_size": vocabulary,
        "max_position_embeddings": _LONGEST,
        "initializer_range": 1.5 / width**0.5,  # larger than usual: else all answers are the same
    }


SIZES = {
    "tiny": Size(_tiny, LoraParams(rank=4, alpha=8)),
    "embedded": Size(_embedded, LoraParams()),
    "mid": Size(_mid, LoraParams()),
    "llava-1.5-7b": Size(_llava_7b, PAPER_LORA),
}
