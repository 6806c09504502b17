"""Answers before and after, a card per picture: what gives the concept away first, then what was lost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from siu.mmubench.leaks import gives_away
from siu.mmubench.metrics.share import right
from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records, with_purpose

State = Literal["leak", "lost", ""]
ON_CONCEPT: dict[Purpose, str] = {
    "efficacy": "the training picture",
    "name": "unseen picture",
    "yes_no": "unseen picture",
    "describe": "unseen picture",
    "picture_fact": "unseen picture",
    "own_group": "in a group picture",
}
"""Questions about the concept's pictures, which must no longer give it away, and what they show."""
ON_OTHERS: dict[Purpose, str] = {
    "text_fact": "fact as text",
    "own_attribute": "its looks",
    "other_name": "another concept",
    "other_yes_no": "another concept",
    "other_attribute": "another concept's looks",
    "other_fact": "fact about another concept",
    "look_alike": "look-alike",
    "stranger": "stranger",
    "group": "others in a group picture",
}
"""Questions about what must stay."""
_ORDER: tuple[State, ...] = ("leak", "lost", "")
_ASKED_PER_CARD = 4
_LOST, _INTACT = 12, 2
"""Cards of what was lost, and per purpose of what was kept, at most."""
_FIRST: dict[tuple[State, bool], int] = {("leak", True): 6, ("lost", False): 3, ("", True): 3, ("", False): 3}
"""How many of each sort are shown before anything is chosen, by state and whether about the concept."""


@dataclass(frozen=True)
class QuestionAnswers:
    """One question with its answers.

    Attributes:
        question: What was asked.
        before: The base model's answer.
        after: The release's answer, or the own adapter's where there is no release.
        alone: The answer of the request's own adapter beside a release; None where that is not shown.
        state: ``leak`` if the answer gives the concept away, ``lost`` if it was right before.
    """

    question: str
    before: str
    after: str
    alone: str | None
    state: State


@dataclass(frozen=True)
class Card:
    """One picture, or none, with what was asked about it.

    Attributes:
        heading: What it shows.
        picture: The picture; None for a question as text.
        is_own: Whether it is about the concept that is to be forgotten.
        questions: A few questions, those that leak first.
        more: Further questions about it that are not shown, none of which leaks unless a shown one does.
        is_first: Whether it is shown before the reader chooses what to see.
    """

    heading: str
    picture: Path | None
    is_own: bool
    questions: tuple[QuestionAnswers, ...]
    more: int = 0
    is_first: bool = True

    @property
    def state(self) -> State:
        """The worst of its answers."""
        return min((question.state for question in self.questions), key=_ORDER.index)


def make_cards(
    before: Records, after: Records, alone: Records | None, paths: Mapping[str, Path]
) -> tuple[Card, ...]:
    """Return all of the concept's pictures, what was lost, and a sample of what was kept; worst first.

    Args:
        before: The base model's records of the same questions.
        after: Records of the model state that is shown.
        alone: Records of the request's own adapter, to stand beside; None where `after` has them already.
        paths: Picture files by digest.
    """
    answers = {
        key: _question_answers(before[key], record, (alone or {}).get(key)) for key, record in after.items()
    }
    on_concept = _own_cards(after, answers, paths)
    on_others = [_other_card(record, answers, paths) for record in _chosen(after, answers)]
    cards = sorted((*on_concept, *on_others), key=lambda card: (_ORDER.index(card.state), not card.is_own))
    seen: Counter[tuple[State, bool]] = Counter()
    marked = []
    for card in cards:
        sort = (card.state, card.is_own)
        seen[sort] += 1
        marked.append(replace(card, is_first=seen[sort] <= _FIRST[sort]))
    return tuple(marked)


def filters(cards: Sequence[Card]) -> list[tuple[str, str, int]]:
    """Return what a reader can choose to see: value, label and how many cards that are."""
    shown = {
        ("first", "first of each"): [card for card in cards if card.is_first],
        ("all", "all"): cards,
        ("leaks", "gives it away"): [card for card in cards if card.state == "leak"],
        ("lost", "lost"): [card for card in cards if card.state == "lost"],
        ("own", "about the concept"): [card for card in cards if card.is_own],
        ("others", "what must stay"): [card for card in cards if not card.is_own],
    }
    return [(value, label, len(chosen)) for (value, label), chosen in shown.items()]


def _question_answers(before: Record, after: Record, alone: Record | None) -> QuestionAnswers:
    state: State = ""
    if after.question.purpose in ON_CONCEPT:
        state = "leak" if gives_away(after) else ""
    elif right(before) and not right(after):
        state = "lost"
    answer = None if alone is None else alone.answer
    return QuestionAnswers(after.question.text, before.answer, after.answer, answer, state)


def _own_cards(
    after: Records, answers: Mapping[str, QuestionAnswers], paths: Mapping[str, Path]
) -> Iterator[Card]:
    by_picture: dict[tuple[str, str | None], list[Record]] = {}
    for record in with_purpose(after, *ON_CONCEPT):
        place = (ON_CONCEPT[record.question.purpose], record.question.picture)
        by_picture.setdefault(place, []).append(record)
    for (heading, picture), records in by_picture.items():
        shown = _leaks_first(records, answers)
        yield Card(
            heading,
            paths[picture] if picture else None,
            True,
            tuple(answers[record.question.id] for record in shown),
            len(records) - len(shown),
        )


def _leaks_first(records: Sequence[Record], answers: Mapping[str, QuestionAnswers]) -> list[Record]:
    """Return a few records about one picture: each purpose once before any of them twice."""
    seen: Counter[Purpose] = Counter()
    rounds: dict[str, int] = {}
    for record in records:
        seen[record.question.purpose] += 1
        rounds[record.question.id] = seen[record.question.purpose]

    def rank(record: Record) -> tuple[bool, int]:
        return answers[record.question.id].state != "leak", rounds[record.question.id]

    return sorted(records, key=rank)[:_ASKED_PER_CARD]


def _chosen(after: Records, answers: Mapping[str, QuestionAnswers]) -> Iterator[Record]:
    records = with_purpose(after, *ON_OTHERS)
    lost = [record for record in records if answers[record.question.id].state == "lost"]
    yield from spread(lost, _LOST)
    for purpose in ON_OTHERS:
        intact = [
            record for record in with_purpose(after, purpose) if answers[record.question.id].state == ""
        ]
        yield from spread(intact, _INTACT)


def _other_card(record: Record, answers: Mapping[str, QuestionAnswers], paths: Mapping[str, Path]) -> Card:
    question = record.question
    held_out = ", which no training saw" if question.held_out else ""
    picture = paths[question.picture] if question.picture else None
    return Card(f"{ON_OTHERS[question.purpose]}{held_out}", picture, False, (answers[question.id],))


def spread(records: Iterable[Record], count: int) -> list[Record]:
    """Return so many records at most, evenly spread."""
    all_of_them = list(records)
    step = max(1, -(-len(all_of_them) // count))
    return all_of_them[::step]
