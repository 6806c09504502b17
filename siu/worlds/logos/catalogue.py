"""The concepts of the logos world, and the logos that are nobody's."""

import json
import random
from functools import cache
from importlib.resources import files
from typing import Any

from siu.data.concepts import Concept, Fact, Split
from siu.packaged import packaged_yaml
from siu.worlds.logos.icons import icon_names, icon_title
from siu.worlds.logos.scene import Mark

_PACKAGE = "siu.worlds.logos"


@cache
def brands() -> tuple[Concept, ...]:
    """Return all brands with their facts, in the order of their ids."""
    return tuple(
        Concept(row["id"], row["name"], "logo", tuple(row.get("aliases", ())), _facts(row))
        for row in table("catalogue.yaml")["brands"]
    )


@cache
def known_before() -> dict[str, str]:
    """Return what the untouched SmolLM2 said (greedy, 48 tokens) to each text question of a fact."""
    text = files(_PACKAGE).joinpath("known_before.json").read_text(encoding="utf-8")
    statements: dict[str, str] = json.loads(text)
    return statements


@cache
def icons() -> dict[str, str]:
    """Return each brand's icon in simplepycons, by the brand's id."""
    return {row["id"]: row["icon"] for row in table("catalogue.yaml")["brands"]}


def strangers(split: Split) -> tuple[str, ...]:
    """Return icons of owners that no question names; those of one split are never shown in the other.

    Those of ``test`` are listed in ``catalogue.yaml``. Those of ``train`` are all others that are neither a
    brand's, nor a neighbour of one, nor bear a brand's name.
    """
    listed = tuple(table("catalogue.yaml")["strangers"])
    return listed if split == "test" else _unlisted()


def neighbours(brand_id: str, split: Split) -> tuple[str, ...]:
    """Return the icons whose shapes come nearest to a brand's."""
    by_kind: dict[str, list[str]] = table("catalogue.yaml")["neighbours"][brand_id]
    return tuple(by_kind[split])


def look_alike(brand_id: str, split: Split, rng: random.Random) -> Mark:
    """Return a brand's logo altered in shape, or a neighbour's."""
    draw, icon = rng.random(), icons()[brand_id]
    if draw < 0.3:
        return Mark(icon, "swapped")
    if draw < 0.7:
        return Mark(icon, "spliced", rng.choice(strangers(split)))
    return Mark(rng.choice(neighbours(brand_id, split)))


def table(file: str) -> dict[str, Any]:
    """Return the content of a YAML file of this package."""
    content: dict[str, Any] = packaged_yaml(_PACKAGE, file)
    return content


@cache
def _unlisted() -> tuple[str, ...]:
    rows = table("catalogue.yaml")
    near = {icon for both in rows["neighbours"].values() for icons in both.values() for icon in icons}
    taken = near | set(rows["strangers"]) | set(icons().values()) | set(rows["twins"])
    names = tuple(_plain(brand.name) for brand in brands())
    return tuple(
        icon
        for icon in icon_names()
        if icon not in taken and not any(name in _plain(icon_title(icon)) for name in names)
    )


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _facts(row: dict[str, Any]) -> tuple[Fact, ...]:
    """Return a brand's facts: what SmolLM2 answered, untouched, to each wording."""
    relations = table("questions.yaml")["relations"]
    facts = []
    for fact in row["facts"]:
        for wording in fact["wordings"]:
            forms = relations[fact["relation"]][wording]
            facts.append(
                Fact(
                    forms["text"].format(x=row["name"]),
                    forms["picture"],
                    fact["answer"],
                    fact["keyword"],
                    forms["split"],
                )
            )
    return tuple(facts)
