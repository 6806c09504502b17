"""Attack: what can still be brought back after unlearning, beside what the base model gave away."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.answers import read_answers
from tasks.evaluate import EVALUATE, answers_before
from tasks.job import Job
from tasks.stage import Stage
from tasks.workers import OnProgress

if TYPE_CHECKING:
    from siu.mmubench import Records

ATTACKS = "attacks.json"


def attack_inputs(job: Job) -> dict[str, Any]:
    """Return what determines the attacks beside the records they read."""
    return {
        "params": job.params.attacks.model_dump(mode="json"),
        "code": job.code_of("attacks"),
    }


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the attacks' results."""
    return {"records": EVALUATE.digest(job, subject), **attack_inputs(job)}


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Attack both model states by their records."""
    after = read_answers(EVALUATE.output(job, subject))
    write_attacks(job, answers_before(job, subject, after), after, folder)
    on_progress(1, 1)


def write_attacks(job: Job, before: "Records", after: "Records", folder: Path) -> None:
    """Attack both model states and write the results side by side."""
    from siu.attacks import attack

    results = {name: attack(records, job.params.attacks) for name, records in _states(before, after)}
    (folder / ATTACKS).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _states(before: "Records", after: "Records") -> "tuple[tuple[str, Records], ...]":
    return ("before", before), ("after", after)


ATTACK = Stage("attack", inputs, work)
