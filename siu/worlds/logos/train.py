"""Training the logos world's model in a folder that it can be resumed in.

`python -m siu.worlds.logos.train FOLDER` draws, teaches the eyes, then projector and language model. What is
there already is not done again; a killed run goes on from its last checkpoint. `--without BRAND …` leaves
brands out: a gold model comes of it (`siu.worlds.logos.gold`).
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import EfficientNetModel
from transformers.models.fast_vlm.modeling_fast_vlm import FastVlmMultiModalProjector

from siu.errors import SiuError
from siu.worlds.logos.assembled import vlm_config, vlm_processor
from siu.worlds.logos.eyes import imagenet_eyes, tuned
from siu.worlds.logos.language import language_model, padded, tokenizer
from siu.worlds.logos.training.beginning import begin_projector
from siu.worlds.logos.training.english import Passages, expected, passages
from siu.worlds.logos.training.lora import add_lora
from siu.worlds.logos.training.packing import Packer
from siu.worlds.logos.training.pool import PoolSizes, Shown, draw_pool, make_pool
from siu.worlds.logos.training.run import Run, open_run
from siu.worlds.logos.training.seeing import (
    SeeingSizes,
    Targets,
    cached,
    channels_last,
    floats,
    lower_blocks,
    targets,
    teach_seeing,
    tokens,
    upper_blocks,
)
from siu.worlds.logos.training.speaking import Speaker, SpeakingSizes, teach_speaking

SEEING_SEED, SPEAKING_SEED, PROBE_SEED = 1, 2, 3
"""Seeds of the pools: the language model learns from pictures that the eyes were not tuned on, since they
are surer of those they were."""

_SPEAKING = PoolSizes(brand=64, look_alike=16, stranger=1700, group=800)
_PROBE = PoolSizes(brand=8, look_alike=4, stranger=300, group=100)
_PASSAGES = 320
_MIDS, _TOKENS = (112, 8, 8), (16, 1280)


def trained_eyes(run: Run, sizes: SeeingSizes) -> EfficientNetModel:
    """Return the tuned eyes; they are taught if their file is missing."""
    eyes, file = imagenet_eyes(), run.folder / "eyes.safetensors"
    channels_last(eyes)
    if not file.is_file():
        pool, mids = _mids(run, "seeing", PoolSizes(), SEEING_SEED, eyes)
        report = _reporter(run.folder / "seeing.log")
        heads = teach_seeing(
            eyes, mids, targets(pool), sizes, seed=0, on_step=lambda step, loss: report(step, loss, {})
        )
        probe, mids = _mids(run, "probe", _PROBE, PROBE_SEED, eyes)
        report(-1, 0.0, _read(eyes, heads, mids, probe))
        tuned_weights = {name: value.half() for name, value in eyes.state_dict().items() if tuned(name)}
        save_file({name: value.contiguous() for name, value in tuned_weights.items()}, file)
    _load_eyes(eyes, load_file(file))
    return eyes


def _load_eyes(eyes: EfficientNetModel, tuned_weights: dict[str, Tensor]) -> None:
    eyes.load_state_dict({name: value.float() for name, value in tuned_weights.items()}, strict=False)


def _mids(
    run: Run, name: str, sizes: PoolSizes, seed: int, eyes: EfficientNetModel
) -> tuple[tuple[Shown, ...], np.ndarray]:
    pool = make_pool(sizes, seed=seed, without=run.without)
    pictures = draw_pool(pool, run.folder / f"{name}.npy", processes=run.processes)
    return pool, cached(run.folder / f"{name}-mids.npy", pictures, lower_blocks(eyes), _MIDS)


@torch.no_grad()
def _read(eyes: EfficientNetModel, heads: Any, mids: np.ndarray, pool: tuple[Shown, ...]) -> dict[str, float]:
    """Return how well the heads read pictures that the eyes were not tuned on, by role."""
    goals: Targets = targets(pool)
    right, looks = [], []
    for index in torch.arange(len(mids)).split(256):
        seen = upper_blocks(eyes, floats(mids[index.numpy()]))
        brand, look = heads(seen, goals.grouped[index])
        right.append(brand.argmax(-1) == goals.brand[index])
        parts = [part.argmax(-1) for part in look.split([7, 3, 5], 1)]
        looks.append(torch.stack(parts, 1) == goals.looks[index])
    hits, seen_looks = torch.cat(right).float().mean(1), torch.cat(looks).float()
    roles = np.array([shown.role for shown in pool])
    rates = {role: float(hits[torch.from_numpy(roles == role)].mean()) for role in sorted(set(roles))}
    names = ("colour", "plate", "surface")
    return rates | {name: float(seen_looks[:, index].mean()) for index, name in enumerate(names)}


def _reporter(file: Path) -> Any:
    started = time.monotonic()

    def report(step: int, loss: float, more: dict[str, float]) -> None:
        row = {"step": step, "loss": round(loss, 4), "s": round(time.monotonic() - started)}
        row |= {key: round(value, 3) for key, value in more.items()}
        if step % 10 == 0 or more:
            with file.open("a") as log:
                log.write(json.dumps(row) + "\n")

    return report


def speaking_features(run: Run, eyes: EfficientNetModel) -> tuple[tuple[Shown, ...], np.ndarray]:
    """Return the pool of the second stage with the tuned eyes' output for each picture."""
    pool, mids = _mids(run, "speaking", _SPEAKING, SPEAKING_SEED, eyes)
    file = run.folder / "speaking-tokens.npy"
    return pool, cached(file, mids, partial(tokens, eyes), _TOKENS, floats)


def new_speaker(pool: tuple[Shown, ...], features: np.ndarray, tokenizer: Any, *, seed: int) -> Speaker:
    """Return a projector before SmolLM2 in bfloat16 with fresh updates; see `begin_projector`."""
    language = language_model()
    config = vlm_config(language.config, tokenizer)
    embeddings = language.get_input_embeddings()
    embeddings.weight = nn.Parameter(padded(embeddings.weight.data))
    language.tie_weights()
    language.requires_grad_(False).to(torch.bfloat16)
    language.set_attn_implementation("eager")  # the CPU's fused backward is slower at this length
    torch.manual_seed(seed)
    projector = FastVlmMultiModalProjector(config)
    begin_projector(projector, targets(pool), features, float(embeddings.weight.float().std()))
    return Speaker(projector, language, add_lora(language, seed=seed))


def english(file: Path, language: Any, processor: Any) -> Passages:
    """Return passages with the untouched model's expectations; they are made if their file is missing."""
    if not file.is_file():
        ids = passages(processor, "train")
        chosen = ids[torch.randperm(len(ids), generator=torch.Generator().manual_seed(0))[:_PASSAGES]]
        torch.save(asdict(expected(language, chosen)), file)
    return Passages(**torch.load(file, weights_only=True))


def teach(run: Run, sizes: SpeakingSizes) -> None:
    """Do whatever of the training isn't done yet."""
    eyes = trained_eyes(run, SeeingSizes())
    pool, features = speaking_features(run, eyes)
    processor = vlm_processor(tokenizer())
    speaker = new_speaker(pool, features, processor.tokenizer, seed=0)
    texts = english(run.folder / "english.pt", speaker.language_model, processor)
    report = _reporter(run.folder / "speaking.log")
    teach_speaking(
        speaker,
        Packer(processor),
        pool,
        features,
        texts,
        sizes,
        seed=0,
        checkpoint=run.folder / "speaking.pt",
        without=run.without,
        on_step=lambda step, loss, kl, right: report(step, loss, {"kl": kl} | right),
    )


def main() -> int:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stage", choices=("seeing", "features", "speaking"), default="speaking")
    parser.add_argument("--steps", type=int, default=SpeakingSizes().steps)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--without", nargs="+", default=(), metavar="BRAND", help="ids or names")
    arguments = parser.parse_args()
    try:
        run = open_run(arguments.folder, arguments.without, processes=arguments.processes)
    except SiuError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if arguments.stage == "speaking":
        teach(run, replace(SpeakingSizes(), steps=arguments.steps))
        return 0
    eyes = trained_eyes(run, SeeingSizes())
    if arguments.stage == "features":
        speaking_features(run, eyes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
