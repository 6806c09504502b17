"""``summary.json``: what a batch measured, as a program reads it. Its schema is docs/reference/summary.md."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from siu.config.public import public_params
from siu.mmubench.metric_registry import definitions
from siu.storage.digest import value_digest
from siu.verdict import Verdict
from tasks.answers import BEFORE, RETAINED
from tasks.attack import ATTACK
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.released_answers import RELEASED_ANSWERS
from tasks.stage import Output, published

if TYPE_CHECKING:
    from siu.attacks.observation import Finding

ATTACK_METRICS = tuple(metric.name for metric in definitions() if metric.group == "attack")


def batch_id(job: Job) -> str:
    """Return the id of a batch: equal plans are one batch, however often they are started."""
    planned = [[request_id, ATTACK.digest(job, request_id)] for request_id in job.request_ids]
    settings = [
        job.params.gates.model_dump(mode="json"),
        job.params.release.model_dump(mode="json"),
        job.params.attacks.release,
    ]
    refused = [[request.request_id, *map(str, request.problems)] for request in job.refused]
    return value_digest([planned, settings, *([refused] if refused else [])])[:12]


def summarise(job: Job, outcomes: Sequence[Outcome], released: Released | None) -> dict[str, Any]:
    """Return the summary of a batch; it carries ids, and names only in reasons, which quote answers."""
    work = [output for outcome in outcomes for output in outcome.outputs.values()]
    shared = published(BEFORE, job, RETAINED)
    return {
        "batch_id": batch_id(job),
        "base_model": {
            "source": job.params.base_model.source,
            "revision": job.params.base_model.revision,
            "digest": job.base_digest,
        },
        "params": public_params(job.params),
        "concepts": [_concept(outcome) for outcome in outcomes],
        "release": _release(job, released) if released else None,
        "notes": list(job.notes),
        "seconds": _seconds([*work, *([shared] if shared else []), *_release_work(job, released)]),
    }


def _concept(outcome: Outcome) -> dict[str, Any]:
    after = outcome.after
    return {
        "request_id": outcome.request_id,
        "verdict": outcome.verdict_name,
        **_assessment(outcome.verdict),
        "reasons": list(outcome.reasons),
        "training": outcome.training,
        "before": outcome.before,
        "after": after,
        "intervals": outcome.intervals,
        "gold_distance": outcome.gold_distance,
        "attacks": {name: after[name] for name in ATTACK_METRICS if name in after},
        "findings": [_finding(finding) for finding in outcome.findings],
        "plan": {name: output.digest for name, output in outcome.outputs.items()},
        "seconds": {name: output.seconds for name, output in outcome.outputs.items()},
    }


def _assessment(verdict: Verdict | None) -> dict[str, Any]:
    """Return what stands beside a verdict's word; nothing of a quarantined request."""
    if verdict is None:
        return {}
    return {
        "assurance": verdict.assurance,
        "notes": list(verdict.notes),
        "gates": [reading.to_json() for reading in verdict.readings],
    }


def _finding(finding: "Finding") -> dict[str, Any]:
    """Return a finding's numbers; curves and answers stay in the attack stage's output."""
    row = finding.to_json()
    left_out = ("curves", "said", "details", "gold_details")
    return {key: value for key, value in row.items() if key not in left_out}


def _release(job: Job, released: Released) -> dict[str, Any]:
    return {
        "requests": list(released.subject.request_ids),
        "plan": released.output.digest,
        "steps": released.training["steps"],
        "concepts": [_released_concept(released, request_id) for request_id in released.subject.request_ids],
        "seconds": _seconds(_release_work(job, released)),
    }


def _released_concept(released: Released, request_id: str) -> dict[str, Any]:
    before, after = released.before(request_id), released.after(request_id)
    verdict = released.verdicts[request_id]
    return {
        "request_id": request_id,
        "verdict": verdict.verdict,
        **_assessment(verdict),
        "reasons": list(verdict.reasons),
        "before": before,
        "after": after,
        "intervals": released.intervals(request_id),
        "attacks": {name: after[name] for name in ATTACK_METRICS if name in after},
        "findings": [_finding(finding) for finding in released.findings(request_id)],
    }


def _release_work(job: Job, released: Released | None) -> list[Output]:
    """Return what the release was trained, asked and scored with."""
    if released is None:
        return []
    answers = (published(RELEASED_ANSWERS, job, part) for part in released.subject.parts)
    return [released.output, *filter(None, answers), *released.parts.values()]


def _seconds(outputs: Iterable[Output]) -> dict[str, float]:
    """Return the seconds of work per stage; an output that serves several requests counts once."""
    seconds: dict[str, float] = {}
    for output in {(output.stage, output.digest): output for output in outputs}.values():
        seconds[output.stage] = round(seconds.get(output.stage, 0.0) + output.seconds, 3)
    return seconds
