"""Findings of attacks, one published folder each: an attack that was done is never done again."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.attacks.question_set.chosen import attack_questions
from siu.config.profiles import Profile
from siu.data.concepts import Concept
from siu.storage.digest import folder_digest, value_digest
from tasks.gold import attack_gold_inputs, attack_reference
from tasks.job import Job
from tasks.runtime.workers import OnProgress

if TYPE_CHECKING:
    from siu.attacks.attack import Attack
    from siu.attacks.observation import Finding
    from siu.attacks.question_set import QuestionSet

FINDING = "finding"
FINDINGS = "findings.json"


@dataclass(frozen=True)
class Target:
    """What is attacked.

    Attributes:
        concept: The concept that the adapter forgets.
        adapter: The PEFT folder.
        profile: How much is tried.
        forgotten: Ids of other concepts that it forgets: they are no controls.
    """

    concept: Concept
    adapter: Path
    profile: Profile
    forgotten: tuple[str, ...] = ()


def find_all(job: Job, target: Target, on_progress: OnProgress) -> "list[Finding]":
    """Return what the chosen attacks find; those already published for the same content are read.

    Args:
        job: Parameters, base model and collection.
        target: What is attacked.
        on_progress: Called with the number of attacks done and of all.
    """
    from siu.attacks.registry import chosen_attacks

    params = job.params.attacks
    attacks = {} if target.profile == "none" else chosen_attacks(target.profile, params.only, params.options)
    questions = attack_questions(job.params, job.workspace.root)
    shared = _inputs(job, target, questions) if attacks else {}
    keys = {
        name: {**shared, "attack": name, "budget": attack.model_dump(mode="json")}
        for name, attack in attacks.items()
    }
    missing = {
        name: attack for name, attack in attacks.items() if job.store.find(FINDING, keys[name]) is None
    }
    done = len(attacks) - len(missing)
    on_progress(done, max(1, len(attacks)))
    for name, finding in _run(job, target, missing, questions):
        with job.store.publish(FINDING, keys[name]) as folder:
            save_findings([finding], folder)
        done += 1
        on_progress(done, len(attacks))
    return [finding for key in keys.values() for finding in _published(job, key)]


def save_findings(findings: "Sequence[Finding]", folder: Path) -> None:
    """Write findings as JSON."""
    rows = [finding.to_json() for finding in findings]
    text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    (folder / FINDINGS).write_text(text, encoding="utf-8")


def load_findings(folder: Path) -> "list[Finding]":
    """Read what `save_findings` wrote."""
    from siu.attacks.observation import finding_from_json

    return [finding_from_json(row) for row in json.loads((folder / FINDINGS).read_text(encoding="utf-8"))]


def _run(job: Job, target: Target, attacks: "dict[str, Attack]", questions: "QuestionSet") -> Any:
    if not attacks:
        return
    from siu.attacks.case import build_cases
    from siu.attacks.suite import run_attacks
    from tasks.runtime.base_model import reference_model, whole_model

    params, gold = job.params, attack_reference(job)
    unseen = gold.without if gold else ()
    cases = build_cases(
        job.collection(),
        target.concept,
        retained=params.attacks.retained,
        seed=params.seed,
        without=(*unseen, *target.forgotten),
    )
    yield from run_attacks(
        attacks,
        whole_model(job),
        target.adapter,
        cases,
        questions=questions,
        gold=reference_model(job, gold.folder) if gold and target.concept.id in unseen else None,
        params=params.evaluation,
        seed=params.seed,
        quotes=params.attacks.said,
    )


def _inputs(job: Job, target: Target, questions: "QuestionSet") -> dict[str, Any]:
    """Return what determines every attack's finding beside the attack and its budget."""
    params = job.params
    return {
        "adapter": folder_digest(target.adapter),
        "base_model": job.base_digest,
        "dtype": params.base_model.dtype,
        "collection": job.collection_digest,
        "concept": value_digest(asdict(target.concept)),
        "retained": params.attacks.retained,
        "forgotten": list(target.forgotten),
        **attack_gold_inputs(job),
        "said": params.attacks.said,
        "questions": asdict(questions),
        "evaluation": params.evaluation.model_dump(mode="json", include={"batch_size", "max_new_tokens"}),
        "seed": params.seed,
        "code": job.code_of(__name__),
    }


def _published(job: Job, inputs: dict[str, Any]) -> "list[Finding]":
    folder = job.store.find(FINDING, inputs)
    assert folder is not None
    return load_findings(folder)
