"""A model's processor without video: image processor, tokenizer and chat template.

The stock processors of the video models can't be loaded without torchvision, though a picture needs none of
it. Pictures always go through the Pillow image processor: with torchvision installed the default would be
another one, whose numbers differ.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Any

import transformers
from PIL import Image
from transformers import AutoConfig, AutoImageProcessor, AutoTokenizer, ProcessorMixin

from siu.errors import ModelError
from siu.models.architectures import Architecture
from siu.models.weight_files import refuse_pointer

LONGEST_REASON = 240
"""Longest reason quoted from a library."""
PROCESSOR_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "preprocessor_config.json",
    "processor_config.json",
    "chat_template.json",
    "generation_config.json",
)
"""JSON objects that transformers reads beside the weights."""

PALIGEMMA_TEMPLATE = (
    "{% set question = messages[0]['content'] | selectattr('type', 'equalto', 'text') | first %}"
    "{% if messages[0]['content'][0]['type'] == 'image' %}<image>{{ question['text'] }}"
    "{% else %}{{ bos_token }}{{ question['text'] }}\n{% endif %}"
    "{% if messages | length > 1 %}{{ messages[1]['content'][0]['text'] }}{{ eos_token }}{% endif %}"
)
"""PaliGemma's checkpoints have no chat template. Its processor puts bos and newline around a question with a
picture; without one the template does."""


def load_processor(folder: Path, architecture: Architecture) -> Any:
    """Load the processor of the model in a folder; no weight is read.

    Raises:
        ModelError: It can't be loaded, is not this model's, its tokenizer is not a fast one, or there is no
            chat template.
    """
    place = str(folder)
    _check_files(folder)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        if not (folder / "tokenizer.json").is_file():  # transformers would make up an empty tokenizer
            raise OSError("tokenizer.json is missing")
        with quiet_transformers():
            processor = _assembled(folder, without_video(getattr(transformers, architecture.processor)))
    except Exception as error:  # tokenizers raises plain Exceptions, a hostile file fails anywhere
        raise ModelError(
            "E-MOD-014",
            f"the processor can't be loaded ({shorten(str(error), LONGEST_REASON)})",
            f"Save a {architecture.processor} beside the model",
            place,
        ) from error
    if not getattr(processor.tokenizer, "is_fast", False):
        raise ModelError(
            "E-MOD-011",
            "the tokenizer gives no character offsets",
            "Save the processor with a fast tokenizer",
            place,
        )
    _set_chat_template(processor, place)
    _check_tokens(processor, config, place)
    return processor


def image_inputs(processor: Any, images: list[Any]) -> dict[str, Any]:
    """Return the image processor's output for one picture per row, with the processor's own defaults."""
    defaults = getattr(processor, "images_kwargs", {})
    return dict(
        processor.image_processor(images=[[image] for image in images], return_tensors="pt", **defaults)
    )


def picture_prompt(processor: Any, image: Image.Image) -> list[int]:
    """Return the token ids of a prompt with a picture and next to no question."""
    content = [{"type": "image"}, {"type": "text", "text": "?"}]
    text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    return list(processor(images=[image], text=[text], add_special_tokens=False)["input_ids"][0])


def without_video(processor: type[ProcessorMixin]) -> type[ProcessorMixin]:
    """Return the processor class with pictures and text as its only parts.

    It keeps its name, which `save_pretrained` writes. SmolVLM's own `apply_chat_template` asks the video
    processor for its frame rate, so the common one is used.
    """
    parts = [part for part in processor.get_attributes() if part != "video_processor"]
    members = {
        "get_attributes": classmethod(lambda cls: parts),
        "apply_chat_template": ProcessorMixin.apply_chat_template,
    }
    return type(processor.__name__, (processor,), members)


def _assembled(folder: Path, processor: type[ProcessorMixin]) -> Any:
    source = {"trust_remote_code": False, "local_files_only": True}
    parts = [
        AutoImageProcessor.from_pretrained(folder, backend="pil", **source),
        AutoTokenizer.from_pretrained(folder, **source),
    ]
    options, _ = processor.get_processor_dict(folder, **source)
    return processor.from_args_and_dict(parts, options | {"video_processor": None})


def _set_chat_template(processor: Any, place: str) -> None:
    if processor.chat_template is None:
        processor.chat_template = processor.tokenizer.chat_template
    if processor.chat_template is None and type(processor).__name__ == "PaliGemmaProcessor":
        processor.chat_template = PALIGEMMA_TEMPLATE
    if processor.chat_template is None:
        raise ModelError(
            "E-MOD-015", "the processor has no chat template", "Save one as chat_template.jinja", place
        )


def _check_tokens(processor: Any, config: Any, place: str) -> None:
    """Refuse the processor of another model: it would put pictures where this one sees text.

    A vocabulary padded to a multiple is larger than the tokenizer, which is fine; the image token may lie
    outside of it, since no embedding of it is read.
    """
    try:
        ids = picture_prompt(processor, Image.new("RGB", (64, 64)))
    except Exception as error:  # templates are programs, and a processor without its sizes fails anywhere
        raise ModelError(
            "E-MOD-014",
            f"the processor can't make a prompt with a picture ({shorten(str(error), LONGEST_REASON)})",
            "Save the model's own processor beside it; patch_size and the chat template are part of it",
            place,
        ) from error
    image, known = config.image_token_id, config.get_text_config().vocab_size
    if image not in ids or any(token >= known for token in ids if token != image):
        raise ModelError(
            "E-MOD-014",
            f"the processor's prompt for a picture doesn't fit the model (image token {image})",
            "Save the model's own processor beside it",
            place,
        )
    highest = max((token for token in processor.tokenizer.get_vocab().values() if token != image), default=0)
    if highest >= known:
        raise ModelError(
            "E-MOD-034",
            f"the tokenizer's highest token is {highest}, the model's vocabulary has {known} entries",
            "Save the model's own tokenizer beside it",
            place,
        )


def _check_files(folder: Path) -> None:
    """Refuse files that are pointers or no JSON objects, by name: transformers' own errors name none."""
    for file in (folder / name for name in PROCESSOR_FILES):
        if not file.is_file():
            continue
        refuse_pointer(file)
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            content, reason = None, str(error)
        else:
            reason = f"it holds a {type(content).__name__}, not an object"
        if not isinstance(content, dict):
            what = f"{file.name} can't be read ({reason})"
            raise ModelError("E-MOD-014", what, "Save the model's own processor beside it", str(folder))


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers quiet: it announces the Pillow image processor, and reports on every load."""
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
