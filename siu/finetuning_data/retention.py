"""How much there is to retain: what must stay is kept by training on it, so too little is worth a word."""

from collections.abc import Set

from siu.config.params import Params
from siu.data.collection import Collection
from siu.finetuning_data.held_out import held_out_concepts

FEW = 8
"""Fewer retained concepts with pictures than this are said to be few."""


def retained_concepts(collection: Collection, params: Params, forgotten: Set[str]) -> int:
    """Return how many other concepts are retained by pictures of theirs.

    Args:
        collection: Where retained samples come from.
        params: What is retained at most, and what is held out.
        forgotten: Ids of the concepts that are asked for: nothing about them is retained.
    """
    settings = params.finetuning_data
    if not settings.retained_pictures:
        return 0
    untouched = forgotten | held_out_concepts(collection.concepts, settings.held_out, params.seed)
    shown = {
        concept
        for picture in collection.pictures_of(split="train")
        if untouched.isdisjoint(picture.concepts)
        for concept in picture.concepts
    }
    return min(len(shown), settings.retained_concepts)


def few_retained(concepts: int) -> str | None:
    """Return what to say where so many concepts are retained by pictures; None where they are enough.

    The numbers are those of docs/experiments/2026-11-22-ablations.md, means over four concepts.
    """
    if concepts >= FEW:
        return None
    kept = f"{concepts} other concepts" if concepts != 1 else "1 other concept"
    return (
        f"{kept} can be retained by pictures: on the embedded model others lost .01 with 23 of them, "
        ".03 with 4 and .31 with none. Add pictures of others to the collection (docs/how-to/own-data.md)"
    )
