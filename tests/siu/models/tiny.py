"""Every architecture as a tiny model with random weights and its real processor, saved as users' are."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

from siu.models.architectures import ARCHITECTURES
from siu.models.processors import without_video

TEXTS = (
    "Who is this? This is Ann Lee. Is this Ann? Yes. No. What is the name of this person? I don't know.",
    "Describe the picture. A person with brown hair and a green hat, in front of a wall. Where? When?",
)
TEXT = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
}
VISION = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}IMAGE{% else %}{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
VICUNA = (
    "{% for m in messages %}{% if m['role'] == 'user' %}USER: {% else %}ASSISTANT: {% endif %}"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}<image>\n{% else %}{{ c['text'] }}{% endif %}"
    "{% endfor %}{% if m['role'] == 'user' %} {% else %}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT: {% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ {'assistant': 'model'}.get(m['role'], m['role']) }}\n"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}<start_of_image>{% else %}{{ c['text'] }}"
    "{% endif %}{% endfor %}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
SMOL = (
    "<|im_start|>{% for m in messages %}{{ m['role'] | capitalize }}:{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image>{% else %} {{ c['text'] }}{% endif %}{% endfor %}<end_of_utterance>"
    "\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


def build(model_type: str, folder: Path) -> Path:
    """Save a tiny model of this type and its processor."""
    processor, model = _BUILDERS[model_type]()
    generator = torch.Generator().manual_seed(0)
    for name, parameter in model.named_parameters():  # larger than the usual start: pictures shall matter
        if parameter.ndim > 1:
            inputs = parameter[0].numel() if model_type == "fast_vlm" else parameter.shape[-1]
            std = 0.1 if "embed_tokens" in name else 1.5 / inputs**0.5
            nn.init.normal_(parameter, std=std, generator=generator)
    ends = {processor.tokenizer.eos_token, "<end_of_turn>"} & set(processor.tokenizer.get_vocab())
    model.generation_config.eos_token_id = processor.tokenizer.convert_tokens_to_ids(sorted(ends))
    model.generation_config.pad_token_id = processor.tokenizer.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@cache
def _vocabulary() -> str:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer.to_str()


def _tokenizer(*others: str, eos: str, **named: str) -> Any:
    tokenizer = hf.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_vocabulary()),
        pad_token="<pad>",
        bos_token="<s>",
        eos_token=eos,
        extra_special_tokens=named,
    )
    tokenizer.add_tokens([AddedToken(token, special=True) for token in others])
    return tokenizer


def _processor(model_type: str, images: Any, tokenizer: Any, **options: Any) -> Any:
    cls = without_video(getattr(hf, ARCHITECTURES[model_type].processor))
    return (
        cls(images, tokenizer, None, **options)
        if model_type == "smolvlm"
        else cls(images, tokenizer, **options)
    )


def _text(tokenizer: Any, **more: Any) -> dict[str, Any]:
    ids = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    return TEXT | ids | more


def _square(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


def _llava() -> tuple[Any, Any]:
    tokenizer = _tokenizer(eos="</s>", image_token="<image>")
    images = hf.CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size=_square(16))
    processor = _processor(
        "llava", images, tokenizer, patch_size=8, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=VICUNA,
    )  # fmt: skip
    config = hf.LlavaConfig(
        vision_config=hf.CLIPVisionConfig(**VISION, image_size=16, patch_size=8),
        text_config=hf.LlamaConfig(**_text(tokenizer)),
        image_token_id=tokenizer.image_token_id,
    )
    return processor, hf.LlavaForConditionalGeneration(config)


def _fast_vlm() -> tuple[Any, Any]:
    tokenizer = _tokenizer(eos="</s>", image_token="<image>")
    images = hf.CLIPImageProcessorPil(size=_square(64), do_center_crop=False)
    processor = _processor(
        "fast_vlm", images, tokenizer, patch_size=32, vision_feature_select_strategy="full",
        num_additional_image_tokens=0, chat_template=VICUNA,
    )  # fmt: skip
    vision = hf.EfficientNetConfig(
        image_size=64, width_coefficient=0.1, depth_coefficient=0.1, hidden_act="relu6",
        hidden_dim=128, hidden_size=128, drop_connect_rate=0.0,
    )  # fmt: skip
    config = hf.FastVlmConfig(
        vision_config=vision,
        text_config=hf.LlamaConfig(**_text(tokenizer)),
        image_token_index=tokenizer.image_token_id,
    )
    model = hf.FastVlmForConditionalGeneration(config)
    for name, parameter in model.named_parameters():  # as they start, seven blocks let nothing through
        if name.endswith("squeeze_excite.expand.bias"):
            nn.init.constant_(parameter, 4.0)
        elif name.endswith(("bn.weight", "norm.weight")) and "vision_tower" in name:
            nn.init.ones_(parameter)
    return processor, model


def _llava_next() -> tuple[Any, Any]:
    tokenizer = _tokenizer(eos="</s>", image_token="<image>")
    pinpoints = [[16, 32], [32, 16], [32, 32]]
    images = hf.LlavaNextImageProcessorPil(
        size={"shortest_edge": 16}, crop_size=_square(16), image_grid_pinpoints=pinpoints
    )
    processor = _processor(
        "llava_next", images, tokenizer, patch_size=8, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=VICUNA,
    )  # fmt: skip
    config = hf.LlavaNextConfig(
        vision_config=hf.CLIPVisionConfig(**VISION, image_size=16, patch_size=8),
        text_config=hf.LlamaConfig(**_text(tokenizer)),
        image_token_id=tokenizer.image_token_id,
        image_grid_pinpoints=pinpoints,
    )
    return processor, hf.LlavaNextForConditionalGeneration(config)


def _llava_onevision() -> tuple[Any, Any]:
    tokenizer = _tokenizer("<|im_start|>", eos="<|im_end|>", image_token="<image>", video_token="<video>")
    pinpoints = [[16, 16], [16, 32], [32, 16], [32, 32]]
    images = hf.LlavaOnevisionImageProcessorPil(size=_square(16), image_grid_pinpoints=pinpoints)
    processor = _processor(
        "llava_onevision", images, tokenizer, num_image_tokens=4, vision_feature_select_strategy="full",
        vision_aspect_ratio="anyres_max_9", chat_template=CHATML.replace("IMAGE", "<image>\\n"),
    )  # fmt: skip
    config = hf.LlavaOnevisionConfig(
        vision_config=hf.SiglipVisionConfig(**VISION, image_size=16, patch_size=8, vision_use_head=False),
        text_config=hf.Qwen2Config(**_text(tokenizer)),
        image_token_id=tokenizer.image_token_id,
        video_token_id=tokenizer.video_token_id,
        image_grid_pinpoints=pinpoints,
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
    )
    return processor, hf.LlavaOnevisionForConditionalGeneration(config)


def _qwen(model_type: str, model: str, config: str, vision: dict[str, Any]) -> tuple[Any, Any]:
    others = ("<|im_start|>", "<|vision_start|>", "<|vision_end|>", "<|video_pad|>")
    tokenizer = _tokenizer(*others, eos="<|im_end|>", image_token="<|image_pad|>")
    images = hf.Qwen2VLImageProcessorPil(
        patch_size=4, merge_size=2, temporal_patch_size=2, size={"shortest_edge": 64, "longest_edge": 1024}
    )
    picture = "<|vision_start|><|image_pad|><|vision_end|>"
    processor = _processor(model_type, images, tokenizer, chat_template=CHATML.replace("IMAGE", picture))
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}
    special = dict(zip(("vision_start_token_id", "vision_end_token_id", "video_token_id"),
                       tokenizer.convert_tokens_to_ids(list(others[1:])), strict=True))  # fmt: skip
    made = getattr(hf, config)(
        text_config=_text(tokenizer, rope_scaling=rope, rope_parameters=rope, head_dim=8),
        vision_config=vision | {"patch_size": 4, "spatial_merge_size": 2, "temporal_patch_size": 2},
        image_token_id=tokenizer.image_token_id,
        **special,
    )
    return processor, getattr(hf, model)(made)


def _qwen2_vl() -> tuple[Any, Any]:
    vision = {"embed_dim": 16, "depth": 2, "num_heads": 2, "mlp_ratio": 2, "hidden_size": 32}
    return _qwen("qwen2_vl", "Qwen2VLForConditionalGeneration", "Qwen2VLConfig", vision)


def _qwen2_5_vl() -> tuple[Any, Any]:
    vision = {
        "hidden_size": 16, "depth": 2, "num_heads": 2, "intermediate_size": 24, "out_hidden_size": 32,
        "window_size": 16, "fullatt_block_indexes": [1],
    }  # fmt: skip
    return _qwen("qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", "Qwen2_5_VLConfig", vision)


def _qwen3_vl() -> tuple[Any, Any]:
    vision = {
        "hidden_size": 16, "depth": 2, "num_heads": 2, "intermediate_size": 24, "out_hidden_size": 32,
        "num_position_embeddings": 16, "deepstack_visual_indexes": [0, 1],
    }  # fmt: skip
    return _qwen("qwen3_vl", "Qwen3VLForConditionalGeneration", "Qwen3VLConfig", vision)


def _internvl() -> tuple[Any, Any]:
    named = {
        "start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }  # fmt: skip
    tokenizer = _tokenizer("<|im_start|>", eos="<|im_end|>", **named)
    images = hf.GotOcr2ImageProcessorPil(size=_square(16), max_patches=4)
    template = CHATML.replace("IMAGE", "<IMG_CONTEXT>\\n")
    processor = _processor("internvl", images, tokenizer, image_seq_length=4, chat_template=template)
    config = hf.InternVLConfig(
        vision_config=hf.InternVLVisionConfig(**VISION, image_size=[16, 16], patch_size=[4, 4]),
        text_config=hf.Qwen2Config(**_text(tokenizer)),
        image_token_id=tokenizer.context_image_token_id,
        image_seq_length=4,
    )
    return processor, hf.InternVLForConditionalGeneration(config)


def _idefics3() -> tuple[Any, Any]:
    return _tiled("idefics3", "Idefics3")


def _smolvlm() -> tuple[Any, Any]:
    return _tiled("smolvlm", "SmolVLM")


def _tiled(model_type: str, prefix: str) -> tuple[Any, Any]:
    grid = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    others = ("<|im_start|>", "<fake_token_around_image>", "<image>", "<global-img>", *grid)
    tokenizer = _tokenizer(*others, eos="<end_of_utterance>")
    images = getattr(hf, f"{prefix}ImageProcessorPil")(
        size={"longest_edge": 32}, max_image_size={"longest_edge": 16}
    )
    processor = _processor(model_type, images, tokenizer, image_seq_len=4, chat_template=SMOL)
    config = getattr(hf, f"{prefix}Config")(
        vision_config=VISION | {"image_size": 16, "patch_size": 4},
        text_config=hf.LlamaConfig(**_text(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )
    return processor, getattr(hf, f"{prefix}ForConditionalGeneration")(config)


def _gemma3() -> tuple[Any, Any]:
    named = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    tokenizer = _tokenizer("<start_of_turn>", "<end_of_turn>", eos="<eos>", **named)
    images = hf.Gemma3ImageProcessorPil(size=_square(16))
    processor = _processor("gemma3", images, tokenizer, image_seq_length=4, chat_template=GEMMA)
    config = hf.Gemma3Config(
        vision_config=hf.SiglipVisionConfig(**VISION, image_size=16, patch_size=4, vision_use_head=False),
        text_config=hf.Gemma3TextConfig(**_text(tokenizer, head_dim=8, sliding_window=12, layer_types=[
            "sliding_attention", "full_attention"])),
        mm_tokens_per_image=4,
        image_token_id=tokenizer.image_token_id,
        boi_token_index=tokenizer.boi_token_id,
        eoi_token_index=tokenizer.eoi_token_id,
    )  # fmt: skip
    return processor, hf.Gemma3ForConditionalGeneration(config)


def _paligemma() -> tuple[Any, Any]:
    tokenizer = _tokenizer(eos="</s>", image_token="<image>")
    images = hf.SiglipImageProcessorPil(size=_square(16))
    images.image_seq_length = 16
    processor = _processor("paligemma", images, tokenizer)  # like the real ones, without a chat template
    config = hf.PaliGemmaConfig(
        vision_config=hf.SiglipVisionConfig(**VISION, image_size=16, patch_size=4, vision_use_head=False,
                                            projection_dim=32),
        text_config=hf.Gemma2Config(**_text(tokenizer, head_dim=8, sliding_window=512)),
        image_token_id=tokenizer.image_token_id,
        projection_dim=32,
    )  # fmt: skip
    return processor, hf.PaliGemmaForConditionalGeneration(config)


_BUILDERS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "llava": _llava,
    "fast_vlm": _fast_vlm,
    "llava_next": _llava_next,
    "llava_onevision": _llava_onevision,
    "qwen2_vl": _qwen2_vl,
    "qwen2_5_vl": _qwen2_5_vl,
    "qwen3_vl": _qwen3_vl,
    "internvl": _internvl,
    "idefics3": _idefics3,
    "smolvlm": _smolvlm,
    "gemma3": _gemma3,
    "paligemma": _paligemma,
}
