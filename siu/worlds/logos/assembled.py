"""The parts of the model put together: FastVLM's configuration, processor and projector around them."""

from typing import Any

from transformers import FastVlmConfig, GenerationConfig, LlamaConfig, LlavaProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from siu.worlds.logos.eyes import MEAN, PATCH, PICTURE_SIDE, STD, eyes_config
from siu.worlds.logos.language import CHAT_TEMPLATE, VOCABULARY


def vlm_config(language: LlamaConfig, tokenizer: Any) -> FastVlmConfig:
    """Return the configuration of the eyes in front of a language model.

    Args:
        language: Of the language model; its vocabulary is padded.
        tokenizer: With a token for images.
    """
    text = language.to_dict() | {"vocab_size": VOCABULARY}
    return FastVlmConfig(
        vision_config=eyes_config(),
        text_config=LlamaConfig(**text),
        image_token_index=tokenizer.convert_tokens_to_ids(tokenizer.image_token),
        image_seq_length=(PICTURE_SIDE // PATCH) ** 2,
        tie_word_embeddings=True,
    )


def vlm_processor(tokenizer: Any) -> LlavaProcessor:
    """Return the processor: pictures squeezed to the eyes' side, SmolLM2's chat format."""
    images = CLIPImageProcessorPil(
        size={"height": PICTURE_SIDE, "width": PICTURE_SIDE},
        do_center_crop=False,
        image_mean=[MEAN] * 3,
        image_std=[STD] * 3,
        resample=2,
    )
    return LlavaProcessor(
        images,
        tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        chat_template=CHAT_TEMPLATE,
    )


def generation_config(tokenizer: Any) -> GenerationConfig:
    """Return greedy generation up to the end of turn."""
    return GenerationConfig(
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
