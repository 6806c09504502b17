"""Loading a base model: safetensors only, no remote code, one fixed thread count."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from accelerate.hooks import AlignDevicesHook, add_hook_to_module
from transformers import BitsAndBytesConfig
from transformers.utils import logging as transformers_logging

from siu.config.params import BaseModelParams, RuntimeParams
from siu.errors import ModelError
from siu.models.architectures import ARCHITECTURES
from siu.models.integrity import check_finite, check_image_tokens, open_weights
from siu.models.processors import load_processor
from siu.models.source import check_config, model_digest, model_folder
from siu.models.vision_language_model import VisionLanguageModel


def load_model(
    params: BaseModelParams, runtime: RuntimeParams | None = None, *, root: Path = Path()
) -> VisionLanguageModel:
    """Load the base model and its processor, frozen and in eval mode; a model that isn't whole is refused.

    Args:
        params: Which model, and in what precision.
        runtime: Where to; None means the CPU with the thread count as it is.
        root: What a relative path is relative to: the workspace.

    Raises:
        ModelError: The model can't be used; the message says why and what to do.
    """
    folder = model_folder(params, root)
    config = check_config(folder)
    if runtime is not None:
        torch.set_num_threads(runtime.threads)
    device = choose_device(runtime.device if runtime else "cpu")
    check_quantisation(params, device)
    processor = load_processor(folder, ARCHITECTURES[config["model_type"]])
    transformers_logging.disable_progress_bar()
    model = open_weights(
        folder,
        dtype=getattr(torch, params.dtype),
        device_map=_placement(params, device),
        quantization_config=_four_bits(params, config["model_type"]) if params.four_bit else None,
    )
    check_finite(model, folder)
    check_image_tokens(model, processor, folder)
    if params.device_map == "auto":
        _answer_where_asked(model)
    return VisionLanguageModel(model, processor, model_digest(folder))


def check_quantisation(params: BaseModelParams, device: torch.device) -> None:
    """Refuse a 4-bit model where it can't be had.

    Raises:
        ModelError: bitsandbytes is not installed, or the device is no GPU.
    """
    if params.four_bit and (device.type != "cuda" or find_spec("bitsandbytes") is None):
        what = "a GPU" if device.type != "cuda" else "bitsandbytes"
        raise ModelError(
            "E-MOD-017",
            f"base_model.four_bit needs {what}",
            "Run `pip install 'siu[4bit]' -c constraints.txt` on a machine with a GPU, or set it to false",
        )


def _placement(params: BaseModelParams, device: torch.device) -> str | dict[str, torch.device] | None:
    if params.device_map == "auto":
        return "auto"
    return {"": device} if device.type == "cuda" else None


def _four_bits(params: BaseModelParams, model_type: str) -> BitsAndBytesConfig:
    """Quantise the language model alone: the vision tower is small, and its features are computed once."""
    architecture = ARCHITECTURES[model_type]
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=getattr(torch, params.dtype),
        llm_int8_skip_modules=[architecture.vision_tower, *architecture.projector, "lm_head"],
    )


def _answer_where_asked(model: Any) -> None:
    """Bring hidden states and logits of a spread model back to the device of their inputs.

    A device map does so for the model as a whole only, and its two parts are called one by one.
    """
    for part in (model.model, model.get_output_embeddings()):
        add_hook_to_module(part, AlignDevicesHook(io_same_device=True), append=True)


def choose_device(name: str) -> torch.device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``.

    Raises:
        ModelError: CUDA is asked for and there is none.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelError("E-MOD-009", "no CUDA device is to be seen", "Set runtime.device to auto or cpu")
    return torch.device(name)
