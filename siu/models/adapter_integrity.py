"""Whether an adapter is whole, does something, and belongs to the base model that it is used with.

PEFT goes on where keys are missing or named otherwise: it warns, and the model answers as the base model
does, in part or altogether. Here such an adapter is refused.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForImageTextToText

from siu.errors import ModelError
from siu.models.adapter_card import base_digest
from siu.models.source import model_digest
from siu.models.weight_files import Shapes, conversion, header, pickles, refuse_pointer

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
MAX_SAID = 240
"""Longest reason quoted from PEFT, which lists every layer that doesn't fit."""
_REMEDY = "Fetch it or train it again"


class _Settings(BaseModel):
    """What of ``adapter_config.json`` must have a certain form; PEFT takes anything and fails later."""

    model_config = ConfigDict(strict=True, extra="ignore")

    peft_type: Literal["LORA"]
    r: int = Field(gt=0)
    lora_alpha: float = Field(gt=0, allow_inf_nan=False)
    lora_dropout: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    target_modules: list[str] | str | None = None
    modules_to_save: list[str] | None = None
    rank_pattern: dict[str, int] | None = None
    alpha_pattern: dict[str, float] | None = None
    bias: str = "none"
    use_dora: bool = False
    use_rslora: bool = False
    fan_in_fan_out: bool = False


@dataclass(frozen=True)
class AdapterBase:
    """The base model an adapter was trained on, and the one it is used with.

    Attributes:
        trained_on: Digest that the adapter's card gives; None where it gives none.
        used_with: Digest of the base model at hand.
    """

    trained_on: str | None
    used_with: str

    @property
    def is_other(self) -> bool:
        """Whether the two differ, or nothing says that they don't."""
        return self.trained_on != self.used_with


def check_adapter(folder: Path) -> None:
    """Refuse an adapter that is no LoRA adapter, torn, holds numbers that are none, or does nothing.

    Args:
        folder: The PEFT folder; the base model isn't needed.

    Raises:
        ModelError: ``E-MOD-021`` the folder holds no adapter; ``037`` its configuration is malformed; ``038``
            its weights are pickled; ``029`` they can't be read; ``022`` they hold NaN or infinity; ``040``
            they change nothing.
    """
    if not (folder / CONFIG).is_file():
        raise ModelError(
            "E-MOD-021", "there is no adapter", "Name a folder that siu or peft saved", str(folder)
        )
    _check_config(folder / CONFIG)
    if not (folder / WEIGHTS).is_file():
        if names := pickles(folder):
            raise ModelError(
                "E-MOD-038", f"the adapter is pickled ({names[0]})", conversion("it"), str(folder)
            )
        raise ModelError("E-MOD-029", f"{WEIGHTS} is missing", _REMEDY, str(folder))
    _check_values(folder)


def check_adapter_on(folder: Path, base: Path, *, allow_other_base: bool = False) -> AdapterBase:
    """Refuse an adapter that doesn't belong on a base model; neither is loaded.

    Args:
        folder: The PEFT folder.
        base: The base model's folder.
        allow_other_base: Whether another base model than the one it was trained on is taken, if it fits.

    Returns:
        Which base model it was trained on, to be written down with what is measured.

    Raises:
        ModelError: See `check_adapter` and `compare_tensors`; ``E-MOD-041`` it was trained on another base
            model, or doesn't say on which.
    """
    check_adapter(folder)
    origin = AdapterBase(base_digest(folder), model_digest(base))
    if origin.is_other and not allow_other_base:
        raise ModelError(
            "E-MOD-041", _other_base(origin), "Use its own base model, or --allow-other-base", str(folder)
        )
    compare_tensors(_tensors_on(folder, base), folder)
    return origin


def compare_tensors(expected: Shapes, folder: Path) -> None:
    """Hold the tensors of an adapter's file against those that its configuration asks for on a base model.

    Args:
        expected: What PEFT would save of the model with the adapter attached.
        folder: The PEFT folder.

    Raises:
        ModelError: ``E-MOD-039`` some are missing, or are none of this base model's; ``025`` sizes differ.
    """
    shapes = header(folder / WEIGHTS, "E-MOD-029", _REMEDY)
    missing, unknown = sorted(expected.keys() - shapes), sorted(shapes.keys() - expected)
    kinds = {"are missing": missing, "have no place in the base model": unknown}
    faults = [f"{len(names)} tensors {kind}, such as {names[0]}" for kind, names in kinds.items() if names]
    if faults:
        raise ModelError(
            "E-MOD-039",
            f"the adapter would be attached in part: {'; '.join(faults)}",
            "Use the base model and the versions of transformers and peft that it was saved with",
            str(folder),
        )
    for name, shape in sorted(shapes.items()):
        if shape != expected[name]:
            what = f"size mismatch for {name}: {list(shape)} in the file, {list(expected[name])} in the model"
            raise misfit(what, folder)


def attached_tensors(peft_model: Any) -> Shapes:
    """Return the shapes of what PEFT would save of a model with an adapter."""
    state: Mapping[str, torch.Tensor] = get_peft_model_state_dict(peft_model, save_embedding_layers=False)
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def misfit(reason: str, folder: Path) -> ModelError:
    """Return the error of an adapter that PEFT can't attach."""
    what = f"the adapter doesn't fit the base model ({shorten(reason, MAX_SAID)})"
    return ModelError("E-MOD-025", what, "Use the base model that it was trained on", str(folder))


def _tensors_on(folder: Path, base: Path) -> Shapes:
    """Return what the adapter's configuration asks for on a base model, without weights."""
    try:
        with torch.device("meta"), warnings.catch_warnings(action="ignore"):  # of the base model's name
            config = AutoConfig.from_pretrained(base, local_files_only=True)
            model = AutoModelForImageTextToText.from_config(config)
            return attached_tensors(get_peft_model(model, LoraConfig.from_pretrained(folder)))
    except Exception as error:  # PEFT fails anywhere on a configuration for another model
        raise misfit(str(error), folder) from error


def _check_config(file: Path) -> None:
    refuse_pointer(file)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"it holds a {type(content).__name__}, not an object")
        _Settings.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        what = f"{CONFIG}: {place}: {first['msg']}, not {first['input']!r}" if place else str(first["msg"])
        raise ModelError("E-MOD-037", shorten(what, MAX_SAID), _REMEDY, str(file.parent)) from error
    except (OSError, ValueError, RecursionError) as error:
        what = f"{CONFIG} can't be read ({error})"
        raise ModelError("E-MOD-037", what, _REMEDY, str(file.parent)) from error


def _check_values(folder: Path) -> None:
    """Refuse weights that are no numbers, and those that leave the base model as it is.

    LoRA adds B A: with every B zero nothing is added. A single B may be zero, as that of a layer of the
    vision tower behind the one whose features are read.
    """
    changes = False
    header(folder / WEIGHTS, "E-MOD-029", _REMEDY)
    with safe_open(folder / WEIGHTS, "pt") as weights:
        for name in weights.keys():  # noqa: SIM118
            tensor = weights.get_tensor(name)
            if not torch.isfinite(tensor).all():
                raise ModelError("E-MOD-022", f"{name} holds NaN or infinity", "Unlearn again", str(folder))
            is_whole = ".lora_" not in name
            changes = changes or is_whole or (".lora_B" in name and bool(tensor.any()))
    if not changes:
        what = "the adapter changes nothing: every B matrix is zero"
        raise ModelError("E-MOD-040", what, "Unlearn again", str(folder))


def _other_base(origin: AdapterBase) -> str:
    if origin.trained_on is None:
        return "the adapter's card doesn't say on which base model it was trained"
    return (
        f"the adapter was trained on base model {origin.trained_on[:12]}, this one is {origin.used_with[:12]}"
    )
