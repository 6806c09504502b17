"""Two adapters as one that adds what both add: the ranks are summed, nothing is rounded away.

B₁A₁·s₁ + B₂A₂·s₂ = [s₁B₁ s₂B₂] [A₁; A₂], with s = alpha / rank. Where an adapter replaces a module as a whole
(a projector in full), the upper one's copy counts: it was trained on from the lower one's.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from siu.errors import ModelError
from siu.models.adapter_card import adapter_card
from siu.models.adapter_integrity import CONFIG, WEIGHTS, check_adapter
from siu.models.trained_parts import TrainedParts

A, B = ".lora_A.weight", ".lora_B.weight"
PREFIX = "base_model.model."


def check_layers(adapter: Path, parts: TrainedParts) -> None:
    """Check, before anything is trained, that a new adapter will have the modules of the one below it.

    Raises:
        ModelError: ``E-MOD-025`` it will adapt other layers.
    """
    with safe_open(adapter / WEIGHTS, "pt") as file:
        names = [name.removeprefix(PREFIX) for name in file.keys()]  # noqa: SIM118
    layers = {name.removesuffix(A) for name in names if name.endswith(A)}
    full = {part: [name for name in names if name.startswith(f"{part}.")] for part in parts.projector_full}
    others = {name for name in names if not name.endswith((A, B))}.difference(*full.values())
    missing = {part for part, tensors in full.items() if not tensors}
    _refuse_difference((layers ^ set(parts.lora)) | others | missing, adapter)


def stack_adapters(lower: Path, upper: Path, folder: Path, *, base: str, digest: str) -> None:
    """Save one adapter that is the sum of two; equal adapters give equal bytes.

    Args:
        lower: The PEFT folder of the one that was there first.
        upper: That of the one trained on the model with ``lower`` merged.
        folder: Where to.
        base: What ``base_model_name_or_path`` shall say.
        digest: Digest of the base model.

    Raises:
        ModelError: One is no whole adapter (`check_adapter`); ``E-MOD-025`` they adapt other layers.
    """
    check_adapter(lower)
    check_adapter(upper)
    below, above = load_file(lower / WEIGHTS), load_file(upper / WEIGHTS)
    _refuse_difference(below.keys() ^ above.keys(), upper)
    (low, low_scale), (high, high_scale) = _settings(lower), _settings(upper)
    tensors: dict[str, Tensor] = {}
    for name in sorted(above):
        if name.endswith(A):
            tensors[name] = torch.cat([below[name], above[name]])
        elif name.endswith(B):
            tensors[name] = torch.cat([low_scale * below[name], high_scale * above[name]], 1)
        else:
            tensors[name] = above[name]
    rank = low["r"] + high["r"]
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / WEIGHTS, {"format": "pt"})
    settings = json.dumps({**high, "r": rank, "lora_alpha": rank}, indent=2, sort_keys=True)
    (folder / CONFIG).write_text(settings, encoding="utf-8")
    (folder / "README.md").write_text(adapter_card(base, digest, _sizes(tensors)), encoding="utf-8")


def _refuse_difference(names: set[str], folder: Path) -> None:
    if names:
        what = f"the two adapters adapt other layers: only one has {min(names)}"
        remedy = "Keep unlearning.lora and unlearning.projector as they were before"
        raise ModelError("E-MOD-025", what, remedy, str(folder))


def _settings(folder: Path) -> tuple[dict[str, Any], float]:
    """Return an adapter's configuration, and by what its update is multiplied."""
    settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return settings, settings["lora_alpha"] / settings["r"]


def _sizes(tensors: dict[str, Tensor]) -> dict[str, int]:
    """Return the number of parameters by module, as named in the base model."""
    sizes: dict[str, int] = {}
    for name, tensor in tensors.items():
        module = name.removeprefix(PREFIX).removesuffix(A).removesuffix(B)
        sizes[module] = sizes.get(module, 0) + tensor.numel()
    return sizes
