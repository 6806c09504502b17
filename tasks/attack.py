"""Attack: what can still be brought back after unlearning, beside what the base model gave away."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.attacks.question_set.chosen import attack_questions
from siu.config.profiles import Profile
from tasks.answers import read_answers
from tasks.evaluate import EVALUATE, answers_before
from tasks.findings import Target, find_all, save_findings
from tasks.gold import attack_gold_inputs
from tasks.job import Job
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.unlearn import ADAPTER, UNLEARN

if TYPE_CHECKING:
    from siu.mmubench import Records

ATTACKS = "attacks.json"


def record_attack_inputs(job: Job) -> dict[str, Any]:
    """Return what determines the attacks on records, beside the records."""
    return {"params": {"min_k": job.params.attacks.min_k}}


def suite_inputs(job: Job, profile: Profile) -> dict[str, Any]:
    """Return what determines the findings of a profile's attacks, beside the adapter."""
    suite = job.params.attacks.model_dump(mode="json", exclude={"release"})
    return {
        "suite": {
            **suite,
            "profile": profile,
            "questions": asdict(attack_questions(job.params, job.workspace.root)),
        },
        "seed": job.params.seed,
        **attack_gold_inputs(job),
    }


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the attacks' results."""
    return {
        "records": EVALUATE.digest(job, subject),
        **job.once(_own_suite_inputs),
        **record_attack_inputs(job),
    }


def _own_suite_inputs(job: Job) -> dict[str, Any]:
    return suite_inputs(job, job.params.attacks.profile)


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Attack both model states by their records, and the unlearned model by the profile's attacks."""
    after = read_answers(EVALUATE.output(job, subject))
    write_attacks(job, answers_before(job, subject, after), after, folder)
    concept = job.concept(subject)
    adapter = UNLEARN.output(job, subject) / ADAPTER
    target = Target(concept, adapter, job.params.attacks.profile)
    save_findings(find_all(job, target, on_progress), folder)


def write_attacks(job: Job, before: "Records", after: "Records", folder: Path) -> None:
    """Attack both model states by their records and write the results side by side."""
    from siu.attacks.from_records import attack_records

    states = (("before", before), ("after", after))
    results = {name: attack_records(records, job.params.attacks) for name, records in states}
    (folder / ATTACKS).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


ATTACK = Stage(
    "attack",
    inputs,
    work,
    makes="Min-K% and multi-hop, before and after; the attacks of `attacks.profile` on the adapter",
    reads=("unlearn", "evaluate"),
    params=("seed", "attacks"),
    event="attacked",
)
