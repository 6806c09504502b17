"""The memory estimate against what training, evaluation and a release really take at their highest."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from benchmarks.memory import forget_highest, highest, resident
from siu.config.params import BaseModelParams, EvaluationParams, Params, ReleaseParams, UnlearningParams
from siu.finetuning_data import build_data, choose_substitutes
from siu.mmubench import answer_questions, retained_questions
from siu.models.memory import MemoryEstimate, estimate_memory
from siu.models.trained_parts import find_trained_parts
from siu.unlearning import TrainingInput, unlearn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells the highest memory"),
]
STEPS, MEMBERS = 2, 3
UNLEARNING = UnlearningParams(steps=STEPS)
EVALUATION = EvaluationParams(pictures=8, other_pictures=2, batch_size=128)
PARAMS = Params(unlearning=UNLEARNING, evaluation=EVALUATION, release=ReleaseParams(steps_per_concept=1))
OVERHEAD_MB = 150
"""Pages that the allocator holds back, and what a first use of the libraries takes."""
MEGABYTE = 2**20


def megabytes(work: Callable[[], object]) -> float:
    """Return what a piece of work adds at most to a fork of this process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_measure, args=(theirs, work))
    process.start()
    added = float(ours.recv())
    process.join()
    return added


def _measure(pipe: Connection, work: Callable[[], object]) -> None:
    before = resident()
    forget_highest()
    work()
    pipe.send(highest() - before)


@pytest.fixture(scope="module")
def estimate(vlm) -> MemoryEstimate:
    parts = find_trained_parts(vlm.model, vlm.architecture, UNLEARNING.lora, UNLEARNING.projector)
    return estimate_memory(vlm.model, parts, BaseModelParams(), UNLEARNING, 25, EVALUATION, PARAMS.release)


@pytest.fixture(scope="module")
def members(vlm, collection):
    concepts = collection.concepts[:MEMBERS]
    substitutes = choose_substitutes(concepts, collection, seed=0)
    pictures = [collection.path(collection.pictures_of(one.id, split="train")[0]) for one in concepts]
    return [
        build_data(vlm, collection, concept, picture, substitutes[concept.id], PARAMS)
        for concept, picture in zip(concepts, pictures, strict=True)
    ]


def trained(estimate: MemoryEstimate) -> float:
    return (estimate.adapter + estimate.activations + estimate.reference + estimate.lower) / MEGABYTE


def test_training_takes_no_more_than_was_said(vlm, paths, members, estimate, tmp_path):
    added = megabytes(lambda: unlearn(TrainingInput(vlm, members[:1], paths, PARAMS), tmp_path))
    assert trained(estimate) / 8 < added < trained(estimate) + OVERHEAD_MB


def test_a_release_takes_no_more_than_was_said_for_its_members(vlm, paths, members, estimate, tmp_path):
    added = megabytes(lambda: unlearn(TrainingInput(vlm, members, paths, PARAMS), tmp_path))
    assert added < trained(estimate) + (MEMBERS - 1) * estimate.member / MEGABYTE + OVERHEAD_MB


def test_evaluation_takes_no_more_than_was_said(vlm, collection, paths, estimate):
    asked = retained_questions(collection, EVALUATION)
    added = megabytes(lambda: answer_questions(vlm, None, asked, paths, EVALUATION))
    assert added < estimate.evaluation / MEGABYTE + OVERHEAD_MB
