"""Whether a base model is whole: its weights are those of its configuration, its processor belongs to it."""

from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from transformers import AutoModelForImageTextToText

from siu.errors import ModelError
from siu.models.processors import LONGEST_REASON, image_inputs, picture_prompt, quiet_transformers

_COMPUTED = (".inv_freq", ".position_ids")
"""Ends of the names of tensors that old checkpoints hold and every model computes by itself."""
_BLANK = (96, 64)
"""Size of the picture whose tokens are counted against the features of the vision tower."""


def open_weights(folder: Path, **options: Any) -> Any:
    """Read a model by plain transformers; one of which any weight is missing, odd or superfluous is refused.

    Args:
        folder: The model's folder, checked by `siu.models.source.check_config`.
        options: More of what `from_pretrained` takes, such as the precision.

    Raises:
        ModelError: ``E-MOD-036`` no model can be made of the configuration; ``032`` the weights are not its.
    """
    with quiet_transformers():
        try:
            loaded: Any = AutoModelForImageTextToText.from_pretrained(
                folder,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                ignore_mismatched_sizes=True,  # reported with all others, and refused below
                output_loading_info=True,
                **options,
            )
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # a hostile configuration fails anywhere in transformers
            what = f"no model can be made of it ({_reason(error)})"
            raise ModelError("E-MOD-036", what, "Fetch the model again", str(folder)) from error
    model, report = loaded
    _check_report(report, folder)
    return model


def check_weights(folder: Path) -> None:
    """Hold the names and sizes of all weights against the configuration; no weight is read.

    Raises:
        ModelError: See `open_weights`.
    """
    open_weights(folder, device_map="meta")


def check_finite(model: nn.Module, folder: Path) -> None:
    """Refuse weights that hold NaN or infinity.

    Raises:
        ModelError: ``E-MOD-033``.
    """
    for name, parameter in model.named_parameters():
        if not _is_finite(parameter):
            what = f"{name} holds NaN or infinity"
            raise ModelError("E-MOD-033", what, "Fetch the model again", str(folder))


def _is_finite(parameter: Tensor) -> bool:
    """Return whether all numbers are finite; also true of what is quantised or holds none."""
    if not parameter.is_floating_point() or not parameter.numel() or parameter.device.type == "meta":
        return True
    return all(bool(torch.isfinite(end)) for end in torch.aminmax(parameter))  # both pass NaN on, in one read


def check_image_tokens(model: Any, processor: Any, folder: Path) -> None:
    """Refuse a processor that puts another number of image tokens than the model has features for a picture.

    Args:
        model: The model; on the meta device some towers can't be run, and nothing is said then.
        processor: Its processor.
        folder: Where both are from.

    Raises:
        ModelError: ``E-MOD-035``.
    """
    blank = Image.new("RGB", _BLANK)
    tokens = picture_prompt(processor, blank).count(model.config.image_token_id)
    inputs = image_inputs(processor, [blank])
    try:
        features = _feature_count(model, inputs)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # what a tower says to pictures that are not for it is anything
        if model.get_input_embeddings().weight.device.type == "meta":
            return
        what = f"the vision tower can't take what the processor makes of a picture ({_reason(error)})"
        raise _unfit(what, folder) from error
    if tokens != features:
        raise _unfit(f"the processor puts {tokens} image tokens, the model has {features} features", folder)


def _feature_count(model: Any, inputs: Mapping[str, Any]) -> int:
    """Return how many feature vectors the model makes of a picture."""
    accepted = signature(model.get_image_features).parameters
    weight = model.get_input_embeddings().weight
    declared = {
        key: value.to(weight.device, weight.dtype) if value.is_floating_point() else value.to(_place(weight))
        for key, value in inputs.items()
        if key in accepted and isinstance(value, Tensor)
    }
    with torch.no_grad():
        output = model.get_image_features(**declared)
    features = getattr(output, "pooler_output", output)
    parts = [features] if isinstance(features, Tensor) else features
    return sum(part.numel() // part.shape[-1] for part in parts)


def _place(weight: Tensor) -> torch.device:
    """Return where sizes and grids go: they are read, so never to the meta device."""
    return torch.device("cpu") if weight.device.type == "meta" else weight.device


def _unfit(what: str, folder: Path) -> ModelError:
    remedy = "Save the model's own processor beside it, with its patch_size and num_additional_image_tokens"
    return ModelError("E-MOD-035", what, remedy, str(folder))


def _check_report(report: Mapping[str, Any], folder: Path) -> None:
    """Refuse what transformers only warns of: it would go on with random weights."""
    kinds = {
        "missing from the file": sorted(report["missing_keys"]),
        "of another size": sorted(str(entry[0]) for entry in report["mismatched_keys"]),
        "unknown to the model": sorted(
            key for key in report["unexpected_keys"] if not key.endswith(_COMPUTED)
        ),
        "unreadable": sorted(str(message) for message in report.get("error_msgs", ())),
    }
    faults = [f"{len(names)} {kind}, such as {names[0]}" for kind, names in kinds.items() if names]
    if faults:
        what = f"the weights are not those of config.json: {'; '.join(faults)}"
        raise ModelError("E-MOD-032", what, "Fetch the model again, whole", str(folder))


def _reason(error: Exception) -> str:
    return shorten(f"{type(error).__name__}: {error}", LONGEST_REASON)
