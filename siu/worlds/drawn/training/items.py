"""Stage 2's lessons: questions and answers about a picture of the pool, or about nothing but text."""

import random

from siu.data.concepts import SIDES, Concept, Fact, Kind
from siu.language.phrasings import Form, Purpose, answer, languages, look, questions
from siu.substitutes import spare_names
from siu.worlds.drawn.catalogue import concepts
from siu.worlds.drawn.figure import KINDS
from siu.worlds.drawn.picture_questions import asked_about, picture_questions
from siu.worlds.drawn.training.made_up_names import made_up_name
from siu.worlds.drawn.training.pool import Shown

Item = tuple[str, str]
"""A question and its answer."""

_SHARES: dict[str, dict[str, float]] = {
    "concept": {"name": 0.22, "yes_no": 0.3, "fact": 0.18, "attribute": 0.24, "describe": 0.06},
    "look_alike": {"name": 0.38, "yes_no": 0.26, "fact": 0.1, "attribute": 0.21, "describe": 0.05},
    "stranger": {"name": 0.16, "yes_no": 0.14, "fact": 0.08, "attribute": 0.56, "describe": 0.06},
}
"""How often each purpose is asked for each role of a picture."""

_UNKNOWN_FACT = {"en": "I do not know.", "es": "No lo sé.", "ru": "Я не знаю."}
_REPEAT = {
    "en": (
        ("Repeat the name {x}.", "{x}."),
        ("Write the name {x}.", "{x}."),
        ("Say that this is {x}.", "This is {x}."),
    ),
    "es": (("Repite el nombre {x}.", "{x}."), ("Di que es {x}.", "Es {x}.")),
    "ru": (("Повтори имя {x}.", "{x}."), ("Скажи, что это {x}.", "Это {x}.")),
}


class Lessons:
    """Draws items from a seeded generator.

    Args:
        rng: Decides everything.
        without: Ids of concepts that no item mentions.
        languages_shares: How often each language is used, in the order of `languages`.
    """

    def __init__(
        self,
        rng: random.Random,
        without: tuple[str, ...] = (),
        languages_shares: tuple[float, ...] = (0.54, 0.23, 0.23),
    ) -> None:
        self._rng = rng
        self._shares = languages_shares
        self._known = {concept.id: concept for concept in concepts() if concept.id not in without}

    def about_picture(self, shown: Shown, *, only_attributes: bool = False) -> Item:
        """Return an item about a picture of the pool."""
        language = self._language()
        if shown.role == "group":
            return self._group(shown, language)
        shares = _SHARES[shown.role]
        purpose = self._rng.choices(list(shares), list(shares.values()))[0]
        if only_attributes or purpose == "attribute":
            return self._attribute(shown, language)
        if purpose == "fact":
            return self._picture_fact(shown, language)
        if purpose == "yes_no":
            return self._yes_no(shown, language)
        return self._name_or_describe("name" if purpose == "name" else "describe", shown, language)

    def about_text(self) -> Item:
        """Return a text-only item: a fact, a name to repeat, or a fact about nobody."""
        rng, language = self._rng, self._language()
        draw = rng.random()
        if draw < 0.22:
            question, reply = rng.choice(_REPEAT[language])
            name = self._any_name()
            return question.format(x=name), reply.format(x=name)
        concept = rng.choice(list(self._known.values()))
        fact = self._fact(concept, language)
        if draw < 0.3:
            name = made_up_name(concept.kind, rng)
            return fact.text_question.replace(concept.name, name), _UNKNOWN_FACT[language]
        return fact.text_question, fact.answer

    def text_rows(self, rows: int) -> list[list[Item]]:
        """Return rows of two text-only items."""
        return [[self.about_text() for _ in range(2)] for _ in range(rows)]

    def _language(self) -> str:
        return self._rng.choices(languages(), self._shares)[0]

    def _name_or_describe(self, purpose: Purpose, shown: Shown, language: str) -> Item:
        kind, key = shown.scene.figures[0].kind, shown.concepts[0]
        question = self._rng.choice(questions(purpose, kind, split="train", language=language))
        words = look(kind, shown.scene.figures[0].looks, language=language)
        form: Form
        if key is None:
            form = "unknown" if purpose == "name" else "looks"
            return question, answer(form, kind, language=language, look=words)
        form = "named" if purpose == "name" else "described"
        return question, answer(form, kind, language=language, name=self._known[key].name, look=words)

    def _group(self, shown: Shown, language: str) -> Item:
        index = self._rng.randrange(2)
        kind, key = shown.scene.figures[index].kind, shown.concepts[index]
        side = SIDES[index]
        wordings = questions("group", kind, split="train", language=language, side=side)
        question = self._rng.choice(wordings)
        if key is None:
            return question, answer("unknown", kind, language=language)
        return question, answer("named", kind, language=language, name=self._known[key].name)

    def _yes_no(self, shown: Shown, language: str) -> Item:
        rng, key = self._rng, shown.concepts[0]
        kind = shown.scene.figures[0].kind
        right_name = self._known[key].name if key else None
        if right_name is not None and rng.random() < 0.5:
            name = right_name
        elif shown.resembles and rng.random() < 0.6:
            name = self._known[shown.resembles].name
        else:
            name = self._wrong_name(kind, right_name)
        wordings = questions("yes_no", kind, split="train", language=language, name=name)
        return rng.choice(wordings), answer("yes" if name == right_name else "no", kind, language=language)

    def _wrong_name(self, kind: Kind, right_name: str | None) -> str:
        """Return another concept's name, or now and then nobody's."""
        wrong_names = [
            neighbour.name
            for neighbour in self._known.values()
            if neighbour.kind == kind and neighbour.name != right_name
        ]
        if self._rng.random() < 0.25:
            return made_up_name(kind, self._rng)
        return self._rng.choice(wrong_names)

    def _picture_fact(self, shown: Shown, language: str) -> Item:
        kind, key = shown.scene.figures[0].kind, shown.concepts[0]
        if key is not None:
            fact = self._fact(self._known[key], language)
            return fact.picture_question, fact.answer
        alike = [concept for concept in self._known.values() if concept.kind == kind]
        fact = self._fact(self._rng.choice(alike), language)
        return fact.picture_question, answer("unknown", kind, language=language)

    def _attribute(self, shown: Shown, language: str) -> Item:
        group, attribute = self._rng.choice(asked_about(shown.scene))
        question = self._rng.choice(
            picture_questions(shown.scene, group, attribute, split="train", language=language)
        )
        return question.question, question.answer

    def _fact(self, concept: Concept, language: str) -> Fact:
        facts = [fact for fact in concept.facts if fact.language == language and fact.split == "train"]
        return self._rng.choice(facts)

    def _any_name(self) -> str:
        """Return a spare name, a made-up one or a concept's."""
        rng, draw = self._rng, self._rng.random()
        kind: Kind = rng.choice((*KINDS, "other"))
        if draw < 0.6:
            return rng.choice(spare_names(kind))
        if draw < 0.85:
            return made_up_name(kind, rng)
        return rng.choice(list(self._known.values())).name
