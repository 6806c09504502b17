"""Adapters: attach, switch off, save, load."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import ModulesToSaveWrapper
from safetensors import SafetensorError
from torch import nn

from siu.errors import ModelError
from siu.models.adapter_card import adapter_card
from siu.models.checkpointing import checkpointed
from siu.models.features import adds_to_base
from siu.models.lean_lora import make_lean
from siu.models.trained_parts import find_trained_parts
from siu.models.vision_language_model import VisionLanguageModel
from siu.params import LoraParams, ProjectorTraining, UnlearningParams

MAX_SAID = 240
"""Longest reason quoted from PEFT, which lists every layer that doesn't fit."""


@contextmanager
def new_adapter(
    vlm: VisionLanguageModel,
    lora: LoraParams,
    *,
    seed: int,
    projector: ProjectorTraining = "frozen",
    gradient_checkpointing: bool = False,
) -> Iterator[PeftModel]:
    """Attach a fresh, trainable adapter; the base model is restored at the end.

    Args:
        vlm: The base model; its layers are wrapped in place while the context lasts.
        lora: Rank, scale, dropout and targets.
        seed: Seed of LoRA's random A matrices (B is zero: the adapter starts as the identity).
        projector: Whether the projector is trained, and how; in full, a copy of it is.
        gradient_checkpointing: Whether activations are computed again in the backward pass.
    """
    parts = find_trained_parts(vlm.model, vlm.architecture, lora, projector)
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(parts.lora),
        modules_to_save=list(parts.projector_full) or None,
        bias="none",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        peft_model = get_peft_model(vlm.model, config)
    make_lean(peft_model)
    for name in parts.projector_full:
        _in_full_precision(vlm.model.get_submodule(name).modules_to_save["default"])
    try:
        with checkpointed(vlm) if gradient_checkpointing else nullcontext():
            yield peft_model
    finally:
        _detach(peft_model)
        vlm.model.requires_grad_(False)


def parameter_groups(peft_model: PeftModel, params: UnlearningParams) -> list[dict[str, Any]]:
    """Return the optimiser's groups, each with its highest rate: A and B of LoRA, a projector in full."""
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in peft_model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault(_highest_rate(name, params), []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]


def _highest_rate(parameter: str, params: UnlearningParams) -> float:
    if ".modules_to_save." in parameter:
        return params.projector_lr
    return params.lr * (params.lora.lr_ratio if ".lora_B." in parameter else 1)


@contextmanager
def loaded_adapter(vlm: VisionLanguageModel, folder: Path | None) -> Iterator[None]:
    """Run the model with a saved adapter; None means the base model itself.

    Raises:
        ModelError: The folder holds no adapter that fits.
    """
    if folder is None:
        yield
        return
    peft_model = attach_saved(vlm, folder)
    peft_model.eval()
    make_lean(peft_model)
    try:
        yield
    finally:
        _detach(peft_model)
        vlm.model.requires_grad_(False)


def attach_saved(vlm: VisionLanguageModel, folder: Path) -> PeftModel:
    """Attach a saved adapter; one that can't be used leaves the base model as it was.

    Raises:
        ModelError: ``E-MOD-021`` the folder holds no adapter; ``E-MOD-025`` it is another model's;
            ``E-MOD-022`` it holds NaN or infinity; ``E-MOD-029`` its file can't be read.
    """
    check_adapter(folder)
    whole = {name: module for name, module in vlm.model.named_modules() if name}
    try:
        peft_model = _read(vlm, folder)
        _check_finite(peft_model, folder)
    except BaseException:
        for name, module in whole.items():
            vlm.model.set_submodule(name, module)
        vlm.model.__dict__.pop("peft_config", None)  # else PEFT counts the next adapter as a second one
        raise
    return peft_model


def check_adapter(folder: Path) -> None:
    """Refuse a folder without an adapter.

    Raises:
        ModelError: ``E-MOD-021``.
    """
    if not (folder / "adapter_config.json").is_file():
        raise ModelError(
            "E-MOD-021", "there is no adapter", "Name a folder that siu or peft saved", str(folder)
        )


def save_adapter(peft_model: PeftModel, folder: Path, *, base: str, digest: str) -> None:
    """Save the adapter as a PEFT folder with a card; equal weights give equal bytes.

    Args:
        peft_model: The trained model.
        folder: Where to.
        base: What ``base_model_name_or_path`` shall say (`public_name`).
        digest: Digest of the base model.
    """
    config = peft_model.peft_config["default"]
    config.base_model_name_or_path = base
    config.target_modules = sorted(config.target_modules or ())
    peft_model.save_pretrained(folder)
    (folder / "README.md").write_text(adapter_card(base, digest, _trained(peft_model)), encoding="utf-8")


def _read(vlm: VisionLanguageModel, folder: Path) -> PeftModel:
    try:
        return PeftModel.from_pretrained(vlm.model, folder)
    except (RuntimeError, ValueError) as error:
        what = f"the adapter doesn't fit the base model ({shorten(str(error), MAX_SAID)})"
        raise ModelError(
            "E-MOD-025", what, "Use the base model that it was trained on", str(folder)
        ) from error
    except (SafetensorError, OSError, KeyError) as error:
        what = f"the adapter can't be read ({shorten(str(error), MAX_SAID)})"
        raise ModelError("E-MOD-029", what, "Fetch it or train it again", str(folder)) from error


def _trained(peft_model: PeftModel) -> dict[str, int]:
    """Return the number of trained parameters by module, as named in the base model."""
    sizes: dict[str, int] = {}
    for name, parameter in peft_model.named_parameters():
        if adds_to_base(name):
            module = re.split(r"\.lora_|\.modules_to_save\.", name.removeprefix("base_model.model."))[0]
            sizes[module] = sizes.get(module, 0) + parameter.numel()
    return sizes


def _detach(peft_model: PeftModel) -> None:
    for module in peft_model.modules():
        if isinstance(module, ModulesToSaveWrapper):
            module.delete_adapter(
                "default", None
            )  # else unload() would leave the trained copy in the base model
    peft_model.unload()


def _check_finite(peft_model: PeftModel, folder: Path) -> None:
    for name, parameter in peft_model.named_parameters():
        if adds_to_base(name) and not torch.isfinite(parameter).all():
            raise ModelError("E-MOD-022", f"{name} holds NaN or infinity", "Unlearn again", str(folder))


def _in_full_precision(module: nn.Module) -> None:
    """Train a copy in float32 within a model of lower precision: small steps would round to nothing."""
    dtype = next(module.parameters()).dtype
    if dtype == torch.float32:
        return
    module.float()
    module.register_forward_pre_hook(lambda _, inputs: tuple(one.float() for one in inputs))
    module.register_forward_hook(lambda _, inputs, output: output.to(dtype))
