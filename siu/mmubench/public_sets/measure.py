"""Specificity on public sets: what a model state answers, scored by each set's own rule."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from siu.config.params import EvaluationParams
from siu.errors import InputError
from siu.mmubench.judge import Judge
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.prompted import prompted_answers
from siu.mmubench.public_sets.item import Item, PublicSet, Result
from siu.mmubench.public_sets.mm_vet import NAME as MM_VET
from siu.mmubench.public_sets.mm_vet import judged, read_mm_vet
from siu.mmubench.public_sets.multiple_choice import MMBENCH, SCIENCEQA
from siu.mmubench.public_sets.pope import POPE
from siu.mmubench.public_sets.visual_questions import GQA, TEXTVQA, VIZWIZ, VQA_V2
from siu.models import VisionLanguageModel

SETS = {
    public_set.name: public_set for public_set in (GQA, VQA_V2, VIZWIZ, SCIENCEQA, TEXTVQA, POPE, MMBENCH)
}
NAMES = (*SETS, MM_VET)
"""The paper's eight sets (arXiv 2405.12523, section 5.1)."""


def measure_set(
    name: str,
    folder: Path,
    vlm: VisionLanguageModel,
    adapters: tuple[Path | None, ...],
    params: EvaluationParams,
    *,
    limit: int | None = None,
    judge: Judge | None = None,
    cache: ReplyCache | None = None,
    on_done: Callable[[int], None] = lambda count: None,
) -> tuple[Result | None, ...]:
    """Return what each model state scores on one set.

    Args:
        name: One of `NAMES`.
        folder: The set's published files.
        vlm: The base model.
        adapters: Model states: an adapter's folder, or None for the base model.
        params: Batch size and longest answer.
        limit: Ask this many questions only, spread over the set; MMBench's rotations stay together.
        judge: Scores MM-Vet, which is not measured (None) without one.
        cache: The judge's replies.
        on_done: Called with the number of questions answered by each batch.

    Raises:
        InputError: ``E-PUB-001`` a file of the set is missing, ``002`` a picture is, ``003`` it is empty.
    """
    chosen = PublicSet(MM_VET, read_mm_vet, _by(judge, cache)) if name == MM_VET else SETS[name]
    if name == MM_VET and judge is None:
        return tuple(None for _ in adapters)
    with _items(chosen, folder, limit) as items:
        answers = (prompted_answers(vlm, adapter, items, params, on_done) for adapter in adapters)
        return tuple(chosen.score(items, replies) for replies in answers)


def mean_of(results: dict[str, Result | None]) -> float | None:
    """Return the mean of the sets that were measured: the paper's specificity, if all eight were."""
    values = [result.value for result in results.values() if result is not None]
    return sum(values) / len(values) if values else None


def _by(judge: Judge | None, cache: ReplyCache | None) -> Callable[..., Result]:
    def score(items: list[Item], answers: list[str]) -> Result:
        assert judge is not None, "MM-Vet without a judge is not measured"
        return judged(items, answers, judge, cache or ReplyCache(None))

    return score


@contextmanager
def _items(chosen: PublicSet, folder: Path, limit: int | None) -> Iterator[list[Item]]:
    with tempfile.TemporaryDirectory() as work:
        items = list(chosen.read(folder, Path(work)))
        if not items:
            raise InputError("E-PUB-003", "the set holds no question", "Fetch it again", str(folder))
        yield _spread(items, limit) if limit else items


def _spread(items: list[Item], limit: int) -> list[Item]:
    """Return about ``limit`` items, evenly spread; items of one question stay together."""
    units: dict[str, list[Item]] = {}
    for item in items:
        units.setdefault(item.group if item.group.isdigit() else item.id, []).append(item)
    count = max(1, round(limit * len(units) / len(items)))
    keys = list(units)
    step = max(1.0, len(keys) / count)
    picked = [keys[int(index * step)] for index in range(min(count, len(keys)))]
    return [item for key in picked for item in units[key]]
