"""A study in a workspace: the job of each run, and what the run left.

A run is a batch of one request: the concept with one of its training pictures, under the method's parameters
and the run's seed. So its stages have the plan digests they have in `siu batch`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from siu.comparison.design import Case, Design, Run, training_picture
from siu.comparison.result import RunResult
from siu.comparison.study import Study
from siu.comparison.tuning import Settings, best_settings, with_settings
from siu.config.params import Params
from siu.data.intake.requests import ErasureRequest
from siu.errors import ConceptError, SiuError
from tasks.answers import BEFORE, knowledge
from tasks.attack import ATTACK
from tasks.construct import CONSTRUCT
from tasks.evaluate import EVALUATE, SCORECARDS
from tasks.findings import load_findings
from tasks.job import Job
from tasks.stage import TIMING, Stage
from tasks.unlearn import RESULT, UNLEARN


@dataclass(frozen=True)
class Comparison:
    """A study that is ready to run.

    Attributes:
        name: Name of the study and of its folder.
        study: What is compared.
        design: The cases.
        job: The workspace's job without requests.
        params: Every method's parameters, before tuning.
        methods: The methods that are run; of others only what was left before is shown.
    """

    name: str
    study: Study
    design: Design
    job: Job
    params: Mapping[str, Params]
    methods: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where table and page are written."""
        return self.job.workspace.comparisons / self.name

    def data_job(self, run: Run) -> Job:
        """Return the job of a run as far as its data: that and the base model's answers need no tuning."""
        return self._job(run.case, self.params[run.method])

    def job_of(self, run: Run, settings: Settings) -> Job:
        """Return the job of one run: a batch of one request, trained with these settings."""
        strength = self.study.methods[run.method].strength
        return self._job(run.case, with_settings(self.params[run.method], settings, strength))

    def tuning_job(self, method: str, case: Case) -> Job:
        """Return the job that tries a method's settings on one of the concepts that are tuned on."""
        params = self.params[method]
        unlearning = params.unlearning.model_copy(update={"tune": True})
        return self._job(case, params.model_copy(update={"unlearning": unlearning}))

    def settings(self, method: str) -> Settings | None:
        """Return what a method is trained with: tuned, or its own; None while it is not tuned yet."""
        unlearning = self.params[method].unlearning
        if not self.design.tuning_cases:
            return Settings(unlearning.lr, unlearning.steps)
        by_case = [self.tries(method, case) for case in self.design.tuning_cases]
        tried = [tries for tries in by_case if tries is not None]
        return best_settings(tried) if len(tried) == len(by_case) else None

    def tries(self, method: str, case: Case) -> list[dict[str, Any]] | None:
        """Return what was tried of a method on a concept; None if it was not yet."""
        folder = UNLEARN.find(self.tuning_job(method, case), case.concept)
        return None if folder is None else list(_read(folder / RESULT)["tries"])

    def _job(self, case: Case, params: Params) -> Job:
        collection = self.job.collection()
        concept = collection.concept(case.concept)
        picture = collection.path(training_picture(collection, case))
        request = ErasureRequest(concept.id, concept.name, concept.kind, picture, concept.aliases)
        return replace(self.job, params=params.model_copy(update={"seed": case.seed}), requests=(request,))


def refuse_unknown(job: Job, subject: str) -> None:
    """Refuse a concept that the base model doesn't name.

    Raises:
        ConceptError: ``E-CMP-006`` nothing shows that it does; see `siu.verdict.knowledge`.
    """
    known = knowledge(BEFORE.output(job, subject))
    if known.state(job.params.gates.known) != "known":
        what = known.sentence(job.params.gates.known)
        raise ConceptError("E-CMP-006", what, "Choose another concept, or lower gates.known", subject)


def result_of(run: Run, job: Job | None, error: SiuError | None, stages: Sequence[Stage]) -> RunResult:
    """Return what a run left in the store, or why it left nothing.

    Args:
        run: The run.
        job: Its job; None if its method could not be tuned.
        error: Why it failed.
        stages: What a run goes through when its data are there.
    """
    subject = run.case.concept
    if job is None:
        return RunResult(run, "failed" if error else "not run", str(error or ""))
    settings = job.params.unlearning
    if error is not None:
        return RunResult(run, "failed", str(error), lr=settings.lr, steps=settings.steps)
    place = stages[-1].find(job, subject)
    if place is None:
        return RunResult(run, "not run")
    outputs = {stage.name: stage.output(job, subject) for stage in (CONSTRUCT, BEFORE, *stages)}
    cards, training = _read(outputs[EVALUATE.name] / SCORECARDS), _read(outputs[UNLEARN.name] / RESULT)
    findings = load_findings(outputs[ATTACK.name]) if ATTACK.name in outputs else []
    return RunResult(
        run,
        "done",
        scorecard_before=cards["before"],
        scorecard_after=cards["after"],
        lr=training["lr"],
        steps=training["steps"],
        seconds={name: float(_read(folder / TIMING)) for name, folder in outputs.items()},
        findings=tuple(findings),
        plan=place.name,
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
