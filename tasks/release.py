"""Release: the one adapter that is deployed, trained on the concepts of the batch as its strategy says.

A quarantined request is not among them.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.storage.store import MANIFEST, Store
from tasks.construct import CONSTRUCT, pictures_of
from tasks.job import Job
from tasks.lineage import parent_of
from tasks.runtime.workers import OnProgress
from tasks.stage import TIMING, Stage
from tasks.subjects import Release
from tasks.tracking.live_losses import Training
from tasks.unlearn import UNLEARN, Trainer, joint, run, training_inputs

if TYPE_CHECKING:
    from siu.config.params import Params
    from siu.strategies.strategy import Release as StrategyRelease
    from siu.unlearning.result import UnlearningResult
    from tasks.unlearn import OnStep

JOINT = "joint"


def steps(job: Job, subject: Release) -> int:
    """Return the number of optimiser steps, at most: what is trained on anew decides."""
    return job.params.training_steps(len(_data(job, subject, new=True)))


def inputs(job: Job, subject: Release) -> dict[str, Any]:
    """Return what determines the adapter; what a strategy goes on from is one of it."""
    plan = {"data": list(_data(job, subject)), "steps": steps(job, subject), **training_inputs(job)}
    if len(plan["data"]) > 1:
        plan["weight"] = job.params.release.concept_weight
    strategy = job.params.release.strategy
    if strategy == JOINT:
        return plan
    parent = parent_of(job, subject)
    new = list(_data(job, subject, new=True))
    return {**plan, "new": new, "strategy": strategy, "previous": parent and parent.plan}


def work(job: Job, subject: Release, folder: Path, on_progress: OnProgress) -> None:
    """Train the adapter and write it with its step losses and how it went; one that is there is copied."""
    own = own_adapter(job, subject)
    if own is not None:
        shutil.copytree(own, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST, TIMING))
        return
    training = Training(RELEASE.name, subject.request_ids, RELEASE.digest(job, subject))
    if job.params.release.strategy == JOINT:
        trainer = joint(job, list(_data(job, subject).values()), steps(job, subject), folder)
    else:
        trainer = _by_strategy(job, subject, folder)
    run(job, folder, on_progress, training, trainer)


def own_adapter(job: Job, subject: Release) -> Path | None:
    """Return the output of a joint release's only request, whose training would be the very same; or None.

    Raises:
        StateError: A file of it was changed (`siu.storage.store.Store.find`).
    """
    requests = list(_data(job, subject).values())
    if job.params.release.strategy != JOINT or len(requests) > 1:
        return None
    return job.store.find(UNLEARN.name, UNLEARN.plan(job, requests[0]), verify=True)


def _by_strategy(job: Job, subject: Release, folder: Path) -> Trainer:
    """Return what trains the release as its strategy says."""
    from siu.strategies.registry import strategy_class

    strategy = strategy_class(job.params.release.strategy)()

    def prepare(params: "Params", on_step: "OnStep") -> "Callable[[], UnlearningResult]":
        return partial(strategy.train, _strategy_release(job, subject, folder, params, on_step))

    return Trainer(steps(job, subject), prepare)


def _strategy_release(
    job: Job, subject: Release, folder: Path, params: "Params", on_step: "OnStep"
) -> "StrategyRelease":
    """Return what the strategy is to train."""
    from siu.finetuning_data import load_data, picture_paths
    from siu.strategies.registry import strategy_class
    from siu.strategies.strategy import Release as StrategyRelease
    from tasks.runtime.base_model import base_model

    needs_all = strategy_class(job.params.release.strategy).needs_pictures
    new = list(_data(job, subject, new=True).values())
    served = list(_data(job, subject).values()) if needs_all else new
    pictures = [picture for request_id in served for picture in pictures_of(job, request_id)]
    parent = parent_of(job, subject)
    return StrategyRelease(
        vlm=base_model(job),
        collection=job.collection(),
        params=params,
        concepts=[job.concept(request_id) for request_id in new],
        data=[load_data(CONSTRUCT.output(job, request_id)) for request_id in served],
        paths=picture_paths(job.collection(), *pictures),
        steps=steps(job, subject),
        previous=None if parent is None else previous_output(job, parent.plan),
        folder=folder,
        on_step=on_step,
    )


def previous_output(job: Job, plan: str) -> Path:
    """Return the published output of the release before, every file as its manifest has it.

    Raises:
        StateError: ``E-REL-021`` it isn't there; see also `siu.storage.store.Store.find`.
    """
    from siu.errors import StateError

    store = Store(job.workspace.artifacts)
    folder = store.at(RELEASE.name, plan, verify=True)
    if folder is None:
        what = "the release that training goes on from is not there"
        remedy = "Fetch it (`dvc pull`), or set release.strategy to joint and begin anew"
        raise StateError("E-REL-021", what, remedy, str(store.root / RELEASE.name / plan))
    return folder


def _data(job: Job, subject: Release, *, new: bool = False) -> dict[str, str]:
    """Return the fine-tuning data, each with the first request it serves; of new requests alone if wanted."""
    parent = None if not new or job.params.release.strategy == JOINT else parent_of(job, subject)
    earlier = frozenset(() if parent is None else parent.verdicts)
    served: dict[str, str] = {}
    for request_id in subject.request_ids:
        if request_id not in earlier:
            served.setdefault(CONSTRUCT.digest(job, request_id), request_id)
    return served


RELEASE = Stage(
    "release",
    inputs,
    work,
    makes="the adapter of all concepts; of some strategies a memory",
    reads=("attack",),
    params=("release", "attacks.release", "gates.known"),
    files=("requests.csv", "requests"),
    fills=("state/models",),
)
"""The subject is a release: of all requests that were unlearned, attacked and not quarantined."""
