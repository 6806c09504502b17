"""Scores of an evaluation from its folder alone: neither the models nor the pictures are needed."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from siu.attacks.from_records import attack_records
from siu.config.params import GateParams
from siu.errors import InputError
from siu.evaluation.note import Note, Role
from siu.evaluation.record_folder import RecordFolder
from siu.gold import distances
from siu.mmubench import Records, scorecards
from siu.mmubench.knowledge import Knowledge
from siu.verdict import Verdict, assess, verdict_on_unknown
from siu.verdict.scores import scores_of

States = dict[Role, Records]


def score_records(folder: Path) -> dict[str, Any]:
    """Return the scores of the last evaluation in a folder: JSON-like, as docs/how-to/evaluate.md says.

    Raises:
        InputError: ``E-EVA-001`` there is none, or ``E-EVA-002`` a record is missing.
    """
    note, records = Note.read(folder), RecordFolder(folder)
    there = {role: records.load(state.digest) for role, state in note.states.items()}
    concepts = {}
    for concept in note.questions["before"]:
        measures = {
            role: _of(there[role], by_concept[concept], folder)
            for role, by_concept in note.questions.items()
            if concept in by_concept
        }
        concepts[concept] = _scores(note, measures)
    after = note.states.get("after")
    return {
        "model": note.states["before"].model,
        "adapter": after.adapter if after else None,
        "other_base": note.other_base,
        "gold": note.states["gold"].model if "gold" in note.states else None,
        "concepts": concepts,
    }


def _of(records: Records, ids: tuple[str, ...], folder: Path) -> Records:
    try:
        return {key: records[key] for key in ids}
    except KeyError as missing:
        raise InputError(
            "E-EVA-002",
            f"the record {missing.args[0]} is missing",
            "Start the evaluation again: only what is missing is asked",
            str(folder),
        ) from None


def _verdict(cards: dict[str, Any], gates: GateParams) -> Verdict:
    """Return the verdict by records alone; what the base model doesn't name has none of unlearning."""
    old = cards["before"]
    known = Knowledge(old["naming_rate"], old["partly_named_rate"])
    if known.state(gates.known) != "known":
        return verdict_on_unknown(known, gates)
    return assess(scores_of(cards, "before"), scores_of(cards, "after"), (), gates, "records")


def _scores(note: Note, measures: States) -> dict[str, Any]:
    before, after = measures["before"], measures.get("after")
    cards = scorecards(before, before if after is None else after)
    states: tuple[Role, ...] = ("before",) if after is None else ("before", "after")
    scores: dict[str, Any] = {
        role: {**cards[role], **attack_records(measures[role], note.attacks)} for role in states
    }
    scores["intervals"] = {role: cards["intervals"][role] for role in states}
    scores["units"] = {role: cards["units"][role] for role in states}
    if after is not None:
        verdict = _verdict(cards, note.gates)
        scores = {
            "verdict": verdict.verdict,
            "assurance": verdict.assurance,
            "reasons": list(verdict.reasons),
            "notes": list(verdict.notes),
            **scores,
        }
    if "gold" in measures:
        scores["gold_distance"] = {
            role: {
                name: asdict(distance) if distance else None
                for name, distance in distances(measures[role], measures["gold"]).items()
            }
            for role in measures
            if role != "gold"
        }
    return scores
