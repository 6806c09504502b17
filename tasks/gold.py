"""The gold model that never saw some concepts, and the distance to it where ``evaluation.gold`` names it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.data.concepts import Concept
from tasks.job import Job

if TYPE_CHECKING:
    from siu.gold import GoldReference

GOLD_DISTANCE = "gold.json"


def gold_inputs(job: Job) -> dict[str, Any]:
    """Return what determines the distance beside the adapter; nothing without a gold model."""
    return _digest(_reference(job, job.params.evaluation.gold))


def attack_reference(job: Job) -> "GoldReference | None":
    """Return the gold model that attacks are held against: ``evaluation.gold``, or the embedded model's own.

    Raises:
        ModelError: The folder doesn't say what the model was built without.
    """
    from siu.gold import attack_gold

    return attack_gold(job.params, job.workspace.root)


def attack_gold_name(job: Job, concept: Concept) -> str | None:
    """Return what the gold model of a concept's attacks is called; None where none never saw the concept."""
    from siu.gold.reference import attack_gold_source

    named, gold = attack_gold_source(job.params), attack_reference(job)
    return Path(named).name if named and gold and concept.id in gold.without else None


def attack_gold_inputs(job: Job) -> dict[str, Any]:
    """Return what of the gold model determines an attack's result; nothing without one."""
    return _digest(attack_reference(job))


def write_gold_distance(job: Job, subject: str, adapter: Path, folder: Path) -> None:
    """Ask base model, unlearned model and gold model, and write records and distances.

    Nothing is written without a gold model, or for a concept that it was shown.
    """
    gold = _reference(job, job.params.evaluation.gold)
    concept = job.concept(subject)
    if gold is None or concept.id not in gold.without:
        return
    from siu.finetuning_data import picture_paths
    from siu.gold import candidate_questions, distances
    from siu.mmubench import answer_questions, save_records
    from tasks.runtime.base_model import base_model, reference_model

    settings, paths = job.params.evaluation, picture_paths(job.collection())
    questions = candidate_questions(job.collection(), concept, settings, without=gold.without)
    base, reference = base_model(job), reference_model(job, gold.folder)
    states = (
        ("before", base, None),
        ("after", base, adapter),
        ("gold", reference, None),
    )
    records = {
        name: answer_questions(vlm, chosen, questions, paths, settings) for name, vlm, chosen in states
    }
    for name, answered in records.items():
        save_records(answered, folder / f"gold-{name}.parquet")
    far = {
        name: {
            where: asdict(distance) if distance else None
            for where, distance in distances(records[name], records["gold"]).items()
        }
        for name in ("before", "after")
    }
    (folder / GOLD_DISTANCE).write_text(json.dumps(far, indent=2) + "\n", encoding="utf-8")


def _reference(job: Job, named: str | None) -> "GoldReference | None":
    from siu.gold import gold_reference

    return gold_reference(named, job.workspace.root) if named else None


def _digest(gold: "GoldReference | None") -> dict[str, Any]:
    if gold is None:
        return {}
    from siu.models.source import model_digest

    return {"gold": model_digest(gold.folder)}  # covers gold.json
