"""Building the small model: draw, teach seeing, speaking and both together, round, measure, save.

`python -m siu.worlds.drawn.build FOLDER [--without c02 …]` makes the models that are shipped.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, LlavaForConditionalGeneration, PreTrainedTokenizerFast

from siu.config.params import BaseModelParams
from siu.data.collection import load_collection
from siu.errors import InputError
from siu.gold.reference import write_card
from siu.models import load_model
from siu.worlds.drawn.abilities import Ability, measure_abilities
from siu.worlds.drawn.catalogue import concepts
from siu.worlds.drawn.collection import draw_collection
from siu.worlds.drawn.model_card import model_card
from siu.worlds.drawn.training.architecture import make_processor, model_config
from siu.worlds.drawn.training.packing import Packer
from siu.worlds.drawn.training.pool import PoolSizes, draw_pool, make_pool
from siu.worlds.drawn.training.seeing import teach_seeing
from siu.worlds.drawn.training.speaking import SpeakingSizes, picture_features, teach_speaking
from siu.worlds.drawn.training.together import TogetherSizes, teach_together
from siu.worlds.drawn.training.tokenizer import train_tokenizer

OnProgress = Callable[[str, int, float], None]
"""Called with the stage, the step and the loss."""

_MEASURING_SEED = 20260
"""Seed of the pictures that abilities are measured on; no pool and no workspace default uses it."""


@dataclass(frozen=True)
class BuildSizes:
    """How much is taught.

    Attributes:
        pool: How many pictures are drawn.
        seeing: Steps of the first stage.
        seeing_batch: Pictures per step of the first stage.
        speaking: Steps and rows of the second stage.
        together: Steps, rows and pictures of the third stage.
        test_pictures: Unseen pictures per concept that abilities are measured on; with 0 nothing is measured.
    """

    pool: PoolSizes = field(default_factory=PoolSizes)
    seeing: int = 1500
    seeing_batch: int = 96
    speaking: SpeakingSizes = field(default_factory=SpeakingSizes)
    together: TogetherSizes = field(default_factory=TogetherSizes)
    test_pictures: int = 20


def build_model(
    folder: Path,
    *,
    seed: int,
    without: tuple[str, ...] = (),
    sizes: BuildSizes | None = None,
    on_progress: OnProgress = lambda stage, step, loss: None,
) -> tuple[Ability, ...]:
    """Train a model and save it with processor, generation config and model card.

    Equal arguments give equal bytes on one kind of machine, whatever the number of its cores.

    Args:
        folder: Where to; absent or empty.
        seed: Decides pictures, initial weights and lessons.
        without: Ids of concepts that the model is never shown or told of.
        sizes: How much is taught; the defaults make the shipped model.
        on_progress: Called with the stage, the step and the loss.

    Returns:
        What the saved model can do.

    Raises:
        InputError: Before anything is taught: ``E-MOD-027`` the folder holds something, ``E-COL-001`` no
            concept has an id of ``without``.
    """
    _check(folder, without)
    sizes = sizes or BuildSizes()
    tokenizer = train_tokenizer()
    torch.manual_seed(seed)
    model: Any = LlavaForConditionalGeneration(model_config(tokenizer))
    model.set_attn_implementation("eager")
    _teach(model, tokenizer, sizes, seed, without, on_progress)
    _save(model, tokenizer, folder)
    abilities = _measure(folder, sizes.test_pictures, without) if sizes.test_pictures else ()
    parameters = sum(weight.numel() for weight in model.parameters())
    if without:
        write_card(folder, without)
    card = model_card(abilities, parameters=parameters, seed=seed, without=without)
    (folder / "README.md").write_text(card, encoding="utf-8")
    return abilities


def _check(folder: Path, without: tuple[str, ...]) -> None:
    """Refuse what would only be found after minutes of training; make the folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "the place of the model is taken"
        raise InputError("E-MOD-027", what, "Remove it, or name a new folder", str(folder))
    known = [concept.id for concept in concepts()]
    for concept_id in without:
        if concept_id not in known:
            what = f"no concept of the drawn world has the id {concept_id!r}"
            raise InputError("E-COL-001", what, f"Use some of {', '.join(known)}", "without")
    folder.mkdir(parents=True, exist_ok=True)


def _teach(
    model: Any,
    tokenizer: PreTrainedTokenizerFast,
    sizes: BuildSizes,
    seed: int,
    without: tuple[str, ...],
    on_progress: OnProgress,
) -> None:
    pool = make_pool(sizes.pool, seed=seed, without=without)
    pictures = draw_pool(pool)
    teach_seeing(
        model,
        pool,
        pictures,
        steps=sizes.seeing,
        batch=sizes.seeing_batch,
        seed=seed,
        on_step=partial(on_progress, "seeing"),
    )
    _round(model.model.vision_tower)
    packer, features = Packer(tokenizer), picture_features(model, pictures)
    teach_speaking(
        model,
        packer,
        pool,
        features,
        sizes.speaking,
        seed=seed,
        without=without,
        on_step=partial(on_progress, "speaking"),
    )
    teach_together(
        model,
        packer,
        sizes.together,
        seed=seed + 1,
        without=without,
        on_step=partial(on_progress, "together"),
    )
    _round(model.model.vision_tower)


def _round(module: torch.nn.Module) -> None:
    """Round weights to what half precision can hold, as they are saved."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.half().float())


def _save(model: Any, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.half().save_pretrained(folder)
    make_processor(tokenizer).save_pretrained(folder)


def _measure(folder: Path, test_pictures: int, without: tuple[str, ...]) -> tuple[Ability, ...]:
    vlm = load_model(BaseModelParams(source=str(folder)))
    with tempfile.TemporaryDirectory() as place:
        draw_collection(Path(place), seed=_MEASURING_SEED, test_pictures=test_pictures)
        return measure_abilities(vlm, load_collection(Path(place)), without=without)


def main() -> None:
    """Build one model from the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", nargs="*", default=[])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    abilities = build_model(
        arguments.folder, seed=arguments.seed, without=tuple(arguments.without), on_progress=_report
    )
    sys.stdout.writelines(f"{ability.rate:.3f} {ability.total:5d} {ability.name}\n" for ability in abilities)


def _report(stage: str, step: int, loss: float) -> None:
    if step % 25 == 0:
        sys.stdout.write(f"{stage} {step} {loss:.4f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
