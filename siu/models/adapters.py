"""LoRA adapters on the language model: attach, switch off, save, load."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn

from siu.errors import ModelError
from siu.models.vision_language_model import VisionLanguageModel
from siu.params import LoraParams

_LANGUAGE_MODELS = ("language_model", "text_model")


def language_model_targets(model: nn.Module, kinds: tuple[str, ...]) -> list[str]:
    """Return the names of the language model's linear layers of these kinds.

    A bare list of kinds would also match the vision tower, whose projections have the same names.

    Raises:
        ModelError: A kind matches nothing.
    """
    pattern = re.compile(rf"(^|\.)({'|'.join(_LANGUAGE_MODELS)})\..*\.({'|'.join(map(re.escape, kinds))})$")
    vision = re.compile(r"(^|\.)(vision_tower|vision_model|visual)\.")
    names = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and pattern.search(name) and not vision.search(name)
    ]
    missing = [kind for kind in kinds if not any(name.endswith(f".{kind}") for name in names)]
    if missing:
        raise ModelError(
            "E-MOD-020",
            f"unlearning.lora.targets matches no layer for {', '.join(missing)}",
            "Name linear kinds that the language model has",
        )
    return names


@contextmanager
def new_adapter(vlm: VisionLanguageModel, params: LoraParams, *, seed: int) -> Iterator[PeftModel]:
    """Attach a fresh, trainable LoRA adapter; the base model is restored at the end.

    Args:
        vlm: The base model; its layers are wrapped in place while the context lasts.
        params: Rank, scale, dropout and targets.
        seed: Seed of LoRA's random A matrices (B is zero: the adapter starts as the identity).
    """
    config = LoraConfig(
        r=params.rank,
        lora_alpha=params.alpha,
        lora_dropout=params.dropout,
        target_modules=language_model_targets(vlm.model, params.targets),
        bias="none",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        peft_model = get_peft_model(vlm.model, config)
    try:
        yield peft_model
    finally:
        peft_model.unload()
        vlm.model.requires_grad_(False)


@contextmanager
def loaded_adapter(vlm: VisionLanguageModel, folder: Path | None) -> Iterator[None]:
    """Run the model with a saved adapter; None means the base model itself.

    Raises:
        ModelError: The folder holds no adapter that fits.
    """
    if folder is None:
        yield
        return
    if not (folder / "adapter_config.json").is_file():
        raise ModelError(
            "E-MOD-021", "there is no adapter", "Name a folder that siu or peft saved", str(folder)
        )
    peft_model = PeftModel.from_pretrained(vlm.model, folder)
    peft_model.eval()
    try:
        _check_finite(peft_model, folder)
        yield
    finally:
        peft_model.unload()
        vlm.model.requires_grad_(False)


def save_adapter(peft_model: PeftModel, folder: Path, *, base: str) -> None:
    """Save the adapter as a PEFT folder; equal weights give equal bytes.

    Args:
        peft_model: The trained model.
        folder: Where to.
        base: What ``base_model_name_or_path`` shall say: a hub name or ``embedded``, never a local path.
    """
    config = peft_model.peft_config["default"]
    config.base_model_name_or_path = base
    config.target_modules = sorted(config.target_modules or ())
    peft_model.save_pretrained(folder, safe_serialization=True)


def _check_finite(peft_model: PeftModel, folder: Path) -> None:
    for name, parameter in peft_model.named_parameters():
        if "lora_" in name and not torch.isfinite(parameter).all():
            raise ModelError("E-MOD-022", f"{name} holds NaN or infinity", "Unlearn again", str(folder))
