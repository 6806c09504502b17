"""The small LLaVA: a CLIP vision tower, a projector and a Llama."""

from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaProcessor, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from siu.worlds.drawn.draw import PICTURE_SIDE
from siu.worlds.drawn.training.tokenizer import CHAT_TEMPLATE

PATCH_SIDE = 16
WIDTH = 128
GRID = PICTURE_SIDE // PATCH_SIDE
IMAGE_TOKENS = GRID * GRID


def model_config(tokenizer: PreTrainedTokenizerFast) -> LlavaConfig:
    """Return the configuration of a model with under two million parameters."""
    vision = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        num_hidden_layers=4,
        num_attention_heads=4,
        image_size=PICTURE_SIDE,
        patch_size=PATCH_SIDE,
        projection_dim=WIDTH,
    )
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    return LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=image_token(tokenizer),
        image_seq_length=IMAGE_TOKENS,
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
        tie_word_embeddings=True,
    )


def image_token(tokenizer: PreTrainedTokenizerFast) -> int:
    """Return the id of the token that stands for a piece of a picture."""
    return int(tokenizer.get_vocab()["<image>"])


def make_processor(tokenizer: PreTrainedTokenizerFast) -> LlavaProcessor:
    """Return the processor that belongs to the model."""
    side = {"height": PICTURE_SIDE, "width": PICTURE_SIDE}
    images = CLIPImageProcessorPil(
        size=side, crop_size=side, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.25] * 3
    )
    return LlavaProcessor(
        images,
        tokenizer,
        patch_size=PATCH_SIDE,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )
