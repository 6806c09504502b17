"""Measuring an adapter on some concepts: what is not there yet is asked, then all is scored from records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from siu.config.params import Params
from siu.data.collection import Collection
from siu.evaluation.model_state import model_state
from siu.evaluation.note import Note, Role
from siu.evaluation.part import Inquiry, Part, Work, one_by_one
from siu.evaluation.record_folder import RecordFolder, parts_of
from siu.finetuning_data import picture_paths
from siu.gold import GoldReference, candidate_questions, gold_reference
from siu.mmubench import Question, retained_questions, unseen_questions

PART = 512


@dataclass(frozen=True)
class Evaluation:
    """What is to be measured.

    Attributes:
        params: The base model, how much is asked, where it runs, the gates.
        collection: Concepts and pictures.
        concepts: Ids of the concepts that are forgotten; empty: each concept of the collection in its turn,
            while all others must stay.
        adapter: The adapter's folder; None measures the base model.
        code: Digests of the code that asks.
        root: What the base model's relative path is relative to.
        held_out: Ids of concepts that the adapter's training is known not to have seen.
        other_base: Whether the adapter isn't known to have been trained on this base model.
    """

    params: Params
    collection: Collection
    concepts: tuple[str, ...] = ()
    adapter: Path | None = None
    code: dict[str, str] = field(default_factory=dict)
    root: Path = Path()
    held_out: frozenset[str] = frozenset()
    other_base: bool = False

    def questions(self) -> dict[str, tuple[Question, ...]]:
        """Return what is asked, by concept.

        Raises:
            InputError: ``E-COL-001`` there is no such concept.
        """
        settings = self.params.evaluation
        ids = self.concepts or tuple(concept.id for concept in self.collection.concepts)
        by_concept = {}
        for concept_id in ids:
            about = unseen_questions(self.collection, self.collection.concept(concept_id), settings)
            without = frozenset(self.concepts or (concept_id,))
            retained = retained_questions(self.collection, settings, without=without, held_out=self.held_out)
            by_concept[concept_id] = (*about, *retained)
        return by_concept

    def candidates(self, gold: GoldReference) -> dict[str, tuple[Question, ...]]:
        """Return the questions that the gold model is asked too, by concept that it never saw."""
        ids = self.concepts or tuple(concept.id for concept in self.collection.concepts)
        settings = self.params.evaluation
        return {
            concept_id: candidate_questions(
                self.collection, self.collection.concept(concept_id), settings, without=gold.without
            )
            for concept_id in ids
            if concept_id in gold.without
        }

    def inquiries(self) -> tuple[tuple[Role, Inquiry], ...]:
        """Return who is asked what; nothing is loaded.

        Raises:
            InputError: ``E-COL-001`` there is no such concept.
            ModelError: ``E-MOD-026`` the gold model doesn't say what it never saw.
        """
        named = self.params.evaluation.gold
        gold = gold_reference(named, self.root) if named else None
        questions = self.questions()
        candidates = self.candidates(gold) if gold else {}
        all_questions = {
            concept_id: (*about, *candidates.get(concept_id, ())) for concept_id, about in questions.items()
        }
        inquiries: list[tuple[Role, Inquiry]] = [("before", self._inquiry(self.params, None, all_questions))]
        if self.adapter:
            inquiries.append(("after", self._inquiry(self.params, self.adapter, all_questions)))
        if gold and candidates:
            base = self.params.base_model.model_copy(update={"source": str(gold.folder), "revision": None})
            params = self.params.model_copy(update={"base_model": base})
            inquiries.append(("gold", self._inquiry(params, None, candidates)))
        return tuple(inquiries)

    def _inquiry(
        self, params: Params, adapter: Path | None, questions: dict[str, tuple[Question, ...]]
    ) -> Inquiry:
        return Inquiry(model_state(params, adapter, self.code, root=self.root), params, adapter, questions)


def evaluate(
    evaluation: Evaluation,
    records: Path,
    *,
    part_size: int = PART,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    work: Work = one_by_one,
) -> None:
    """Answer what has no record yet and note in the folder what was asked, for `score_records`.

    The model is loaded only if something is missing. Killed and started again, it goes on where it was.

    Args:
        evaluation: What is to be measured.
        records: The folder of records; it may hold those of other evaluations.
        part_size: Fewest questions between two writes: what a kill can cost.
        on_progress: Called with the number of answers that are there and that are needed.
        work: Who answers; records are the same whoever does.

    Raises:
        InputError: There is no such concept.
        ModelError: The base model or the adapter can't be used.
    """
    by_role = dict(evaluation.inquiries())
    total = sum(len(inquiry.unique) for inquiry in by_role.values())
    slowest_first = tuple(by_role.values())[::-1]  # an adapted model's answers: workers end together
    parts = [part for inquiry in slowest_first for part in _missing(evaluation, inquiry, records, part_size)]
    done, counting = total - sum(len(part.questions) for part in parts), Lock()

    def count(answered: int) -> None:
        nonlocal done
        with counting:
            done += answered
            on_progress(done, total)

    count(0)
    if parts:
        work(parts, count)
    note = Note(
        {role: inquiry.state for role, inquiry in by_role.items()},
        {role: _ids(inquiry.questions) for role, inquiry in by_role.items()},
        evaluation.params.gates,
        evaluation.params.attacks,
        evaluation.other_base,
    )
    note.write(records)


def _missing(evaluation: Evaluation, inquiry: Inquiry, records: Path, part_size: int) -> Iterator[Part]:
    """Return what has no record yet, in parts that are the same however far an earlier run came."""
    there = RecordFolder(records).load(inquiry.state.digest).keys()
    paths, root = picture_paths(evaluation.collection), evaluation.root
    for part in parts_of(inquiry.unique, part_size):
        missing = tuple(question for question in part if question.id not in there)
        if missing:
            yield Part(inquiry.state, inquiry.params, inquiry.adapter, missing, paths, root, records)


def _ids(questions: dict[str, tuple[Question, ...]]) -> dict[str, tuple[str, ...]]:
    return {concept: tuple(question.id for question in about) for concept, about in questions.items()}
