"""How much there is to retain: what must stay is kept by training on it, so too little is worth a word."""

from collections.abc import Set

from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import Role
from siu.finetuning_data.held_out import held_out_concepts

FEW = 4
"""Fewer retained concepts with pictures than this are said to be few: with four as much stays as with all."""
ROLES: tuple[Role, Role] = ("concept", "group")


def retained_concepts(collection: Collection, params: Params, forgotten: Set[str]) -> int:
    """Return how many other concepts are retained by pictures, of their own or of groups.

    Args:
        collection: Where retained samples come from.
        params: What is retained at most, and what is held out.
        forgotten: Ids of the concepts that are asked for: nothing about them is retained.
    """
    settings = params.finetuning_data
    if not settings.retained_pictures:
        return 0
    untouched = forgotten | held_out_concepts(collection.concepts, settings.held_out, params.seed)
    alone, in_company = (
        {
            concept
            for picture in collection.pictures_of(role=role, split="train")
            if untouched.isdisjoint(picture.concepts)
            for concept in picture.concepts
        }
        for role in ROLES
    )
    return max(min(len(alone), settings.retained_concepts), len(in_company))


def few_retained(concepts: int) -> str | None:
    """Return what to say where so many concepts are retained by pictures; None where they are enough.

    The numbers are those of docs/experiments/2026-12-01-ladder.md, means over two concepts.
    """
    if concepts >= FEW:
        return None
    others = f"{concepts} other concepts" if concepts != 1 else "1 other concept"
    return (
        f"{others} can be retained by pictures: with text alone others lost .29 of what was measured on the "
        "embedded model, with pictures .01. Add pictures of others (docs/how-to/own-data.md)"
    )
