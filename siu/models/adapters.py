"""Adapters: attach, switch off, save, load."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from peft.utils import ModulesToSaveWrapper
from safetensors.torch import load_file
from torch import nn

from siu.config.params import LoraParams, ProjectorTraining, UnlearningParams
from siu.models.adapter_card import adapter_card
from siu.models.adapter_integrity import WEIGHTS, attached_tensors, check_adapter, compare_tensors, misfit
from siu.models.engine.checkpointing import checkpointed
from siu.models.engine.features import adds_to_base
from siu.models.engine.lean_lora import make_lean
from siu.models.trained_parts import find_trained_parts
from siu.models.vision_language_model import VisionLanguageModel


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


def go_on_from(peft_model: PeftModel, folder: Path) -> None:
    """Give a trainable adapter the weights of a saved one of the same form.

    Raises:
        ModelError: The folder holds no adapter, or one of another rank or of other layers.
    """
    check_adapter(folder)
    compare_tensors(attached_tensors(peft_model), folder)
    set_peft_model_state_dict(peft_model, load_file(folder / WEIGHTS))


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
        ModelError: It isn't whole, does nothing or is another model's (`siu.models.adapter_integrity`).
    """
    check_adapter(folder)
    whole = {name: module for name, module in vlm.model.named_modules() if name}
    try:
        return _read(vlm, folder)
    except BaseException:
        for name, module in whole.items():
            vlm.model.set_submodule(name, module)
        vlm.model.__dict__.pop("peft_config", None)  # else PEFT counts the next adapter as a second one
        raise


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
    peft_model.save_pretrained(folder, save_embedding_layers=False)  # "auto" asks the hub for the base
    (folder / "README.md").write_text(adapter_card(base, digest, _trained(peft_model)), encoding="utf-8")


def _read(vlm: VisionLanguageModel, folder: Path) -> PeftModel:
    try:
        with warnings.catch_warnings(action="ignore"):  # of missing keys, which are refused below
            peft_model = PeftModel.from_pretrained(vlm.model, folder)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # PEFT fails anywhere on what is another model's
        raise misfit(str(error), folder) from error
    compare_tensors(attached_tensors(peft_model), folder)
    return peft_model


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


def _in_full_precision(module: nn.Module) -> None:
    """Train a copy in float32 within a model of lower precision: small steps would round to nothing."""
    dtype = next(module.parameters()).dtype
    if dtype == torch.float32:
        return
    module.float()
    module.register_forward_pre_hook(lambda _, inputs: tuple(value.float() for value in inputs))
    module.register_forward_hook(lambda _, inputs, output: output.to(dtype))
