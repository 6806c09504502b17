"""What is asked about each picture of a pool, and what is answered."""

import random

from siu.data.concepts import SIDES
from siu.language.phrasings import Form, Purpose, answer, questions
from siu.worlds.logos.catalogue import brands, table
from siu.worlds.logos.picture_questions import LOOKS, look_in_words, picture_questions
from siu.worlds.logos.training.pool import Shown

Item = tuple[str, str]
"""A question and its answer."""

_SHARES: dict[str, dict[str, float]] = {
    "concept": {"name": 0.36, "yes_no": 0.26, "fact": 0.16, "look": 0.16, "describe": 0.06},
    "look_alike": {"name": 0.46, "yes_no": 0.2, "fact": 0.1, "look": 0.18, "describe": 0.06},
    "stranger": {"name": 0.4, "yes_no": 0.12, "fact": 0.1, "look": 0.32, "describe": 0.06},
}
"""How often each purpose is asked for each role of a picture."""

_NAMES_FIRST = _SHARES | {
    "concept": {"name": 0.64, "yes_no": 0.12, "fact": 0.12, "look": 0.08, "describe": 0.04}
}
"""The same at the start of training: names are what everything else about a brand hangs on."""


class Lessons:
    """Draws items from a seeded generator; Yes and No come equally often.

    Args:
        rng: Decides everything.
        without: Ids of brands that no item mentions.
        names_first: Whether mostly names are asked of the brands.
    """

    def __init__(
        self, rng: random.Random, without: tuple[str, ...] = (), *, names_first: bool = False
    ) -> None:
        self._rng = rng
        self._shares = _NAMES_FIRST if names_first else _SHARES
        self._known = {brand.id: brand for brand in brands() if brand.id not in without}
        self._surplus = 0
        """How many more items were answered Yes than No."""

    def about_picture(self, shown: Shown) -> Item:
        """Return an item about a picture of the pool."""
        if shown.role == "group":
            return self._group(shown)
        shares = self._shares[shown.role]
        purpose = self._rng.choices(list(shares), list(shares.values()))[0]
        if purpose == "look":
            look = self._rng.choice(LOOKS)
            wording = self._rng.choice(picture_questions(shown.scene, look, split="train"))
            return wording.question, wording.answer
        if purpose == "fact":
            return self._fact(shown)
        if purpose == "yes_no":
            return self._yes_no(shown)
        return self._name_or_describe("name" if purpose == "name" else "describe", shown)

    def _name_or_describe(self, purpose: Purpose, shown: Shown) -> Item:
        key, words = shown.concepts[0], look_in_words(shown.scene)
        wordings = questions(purpose, "logo", split="train")
        if purpose == "name":
            wordings += tuple(table("questions.yaml")["names"])
        question = self._rng.choice(wordings)
        form: Form
        if key is None:
            form = "unknown" if purpose == "name" else "looks"
            return question, answer(form, "logo", look=words)
        form = "named" if purpose == "name" else "described"
        return question, answer(form, "logo", name=self._known[key].name, look=words)

    def _group(self, shown: Shown) -> Item:
        index = self._rng.randrange(2)
        side, key = SIDES[index], shown.concepts[index]
        question = self._rng.choice(questions("group", "logo", split="train", side=side))
        if key is None:
            return question, answer("unknown", "logo")
        return question, answer("named", "logo", name=self._known[key].name)

    def _yes_no(self, shown: Shown) -> Item:
        key = shown.concepts[0]
        right_name = self._known[key].name if key else None
        if right_name is not None and self._surplus <= 0:
            name = right_name
        elif shown.resembles and self._rng.random() < 0.7:
            name = self._known[shown.resembles].name
        else:
            name = self._rng.choice(
                [brand.name for brand in self._known.values() if brand.name != right_name]
            )
        right = name == right_name
        self._surplus += 1 if right else -1
        question = self._rng.choice(questions("yes_no", "logo", split="train", name=name))
        return question, answer("yes" if right else "no", "logo")

    def _fact(self, shown: Shown) -> Item:
        key = shown.concepts[0] or self._rng.choice(list(self._known))
        fact = self._rng.choice(
            [candidate for candidate in self._known[key].facts if candidate.split == "train"]
        )
        reply = fact.answer if shown.concepts[0] else answer("unknown", "logo")
        return fact.picture_question, reply
