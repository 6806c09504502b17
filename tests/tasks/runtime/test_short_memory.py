"""A training that runs out of memory is begun again with half the rows at a time, once."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from flows.batch import run_batch
from flows.orchestration.schedulers import Plain
from siu.config.params import Params
from siu.errors import ConceptError
from siu.storage.fault_points import arm
from siu.storage.workspace import Workspace
from siu.unlearning import StepLoss, UnlearningResult
from tasks.job import Job
from tasks.runtime.short_memory import attempts
from tasks.runtime.workers import Inline
from tasks.tracking.live_losses import Training
from tasks.unlearn import LOSSES, RESULT, Trainer, run
from tests.flows.conftest import standing, template  # noqa: F401  # fixtures

WEIGHTS = "unlearn/*/adapter/adapter_model.safetensors"


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def test_the_second_attempt_has_half_the_rows() -> None:
    import torch

    rows: list[int] = []

    result = ""
    for attempt in attempts(Params()):
        with attempt as params:
            rows.append(params.unlearning.micro_batch)
            if len(rows) == 1:
                raise torch.OutOfMemoryError("no memory")
            result = "trained"
    assert result == "trained"
    assert rows == [64, 32]


def test_a_request_whose_training_is_short_of_memory_is_trained_with_less_or_quarantined(
    standing: Workspace,  # noqa: F811
    tmp_path: Path,
) -> None:
    first = f"unlearn.step@2:memory:{tmp_path / 'first'}"
    arm(first)
    result = run_batch(standing, Plain(1), until="unlearn", runner=Inline())
    assert (tmp_path / "first").exists()
    assert result.is_whole
    made = sorted(standing.artifacts.glob(WEIGHTS))
    whole = [path.read_bytes() for path in made]
    (standing.artifacts / "unlearn").rename(tmp_path / "away")
    arm(f"unlearn.step@2:memory:{tmp_path / 'a'} unlearn.step@3:memory:{tmp_path / 'b'}")
    short = run_batch(standing, Plain(1), until="unlearn", runner=Inline())
    assert [outcome.codes for outcome in short.outcomes] == [("E-RUN-053",), ()], "its neighbour goes on"
    arm("")
    assert run_batch(standing, Plain(1), until="unlearn", runner=Inline()).is_whole
    assert [path.read_bytes() for path in made] == whole, "64 rows or 32 make no difference to so few samples"


def test_every_training_has_its_second_attempt_and_its_steps_begin_again(tmp_path: Path) -> None:
    import torch

    rows: list[int] = []
    seen: list[tuple[int, int]] = []

    def train(params: Params, on_step: Callable[[StepLoss], None]) -> UnlearningResult:
        rows.append(params.unlearning.micro_batch)
        losses = [StepLoss(step, 1.0, {}, 1.0, 1e-3) for step in (1, 2)]
        on_step(losses[0])
        if len(rows) == 1:
            raise torch.OutOfMemoryError("no memory")
        on_step(losses[1])
        return UnlearningResult(tuple(losses), "2 steps done", 1, 1e-3)

    job = cast("Job", SimpleNamespace(workspace=Workspace(tmp_path), params=Params()))
    training = Training("release", ("r-1",), "plan")
    run(
        job,
        tmp_path,
        lambda done, total: seen.append((done, total)),
        training,
        Trainer(2, lambda *arguments: partial(train, *arguments)),
    )
    assert rows == [64, 32]
    assert seen == [(1, 2), (1, 2), (2, 2)]
    assert json.loads((tmp_path / RESULT).read_text())["steps"] == 2
    assert len((tmp_path / LOSSES).read_text().splitlines()) == 2


def test_one_row_can_not_be_halved() -> None:
    import torch

    params = Params.model_validate({"unlearning": {"micro_batch": 1}})
    (attempt,) = attempts(params)
    with pytest.raises(ConceptError, match="E-RUN-053"), attempt:
        raise torch.OutOfMemoryError("no memory")
