"""The search for rate and steps: its rule on given tries, then a run of two tries."""

import json
import math

import pytest

from siu.config.params import LoraParams, TuningParams, UnlearningParams
from siu.errors import ConceptError
from siu.unlearning import TrainingInput, candidates, unlearn, unlearn_tuned
from siu.unlearning.result import Progress, Try
from siu.unlearning.tuning import choose, score
from tests.siu.small_world import SMALL

SETTINGS = UnlearningParams(
    steps=2,
    lr=2e-3,
    retained_per_step=6,
    anchor_weight=0.0,
    lora=LoraParams(rank=2, alpha=4),
    tuning=TuningParams(lr_factors=(1e-3, 1.0), step_factors=(1.0,)),
)
PARAMS = SMALL.model_copy(update={"unlearning": SETTINGS})


def one(value, progress=True):
    return Try(1e-3, 4, value, Progress(0, 0, 1) if progress else None, "" if progress else "E-UNL-001 …")


def test_every_rate_is_tried_with_every_number_of_steps():
    params = UnlearningParams(
        lr=0.4, tuning=TuningParams(lr_factors=(1.0, 5.0), step_factors=(1.0, 0.5, 0.49))
    )
    assert candidates(params, 8) == ((0.4, 4), (1.0, 4), (0.4, 8), (1.0, 8))


def test_every_objective_gets_equally_many_tries():
    counts = {len(candidates(UnlearningParams(objective=name), 16)) for name in ("siu", "ga", "rmu")}
    assert counts == {6}


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress(0.0, 0.0, 1.0), 1.0),
        (Progress(1.0, 0.0, 1.0), 0.0),
        (Progress(0.0, 1.0, 1.0), 0.0),
        (Progress(0.0, 0.0, 0.0), 0.0),
        (Progress(0.5, 0.2, 0.5), 0.5),
    ],
)
def test_the_score_asks_for_forgetting_and_keeping(progress, expected):
    assert score(progress) == pytest.approx(expected)


def test_the_best_try_is_chosen_the_first_of_equals_and_none_that_failed():
    assert choose([one(0.2), one(0.8), one(0.8)]) == 1
    assert choose([one(1.0, progress=False), one(0.0)]) == 1
    with pytest.raises(ConceptError, match=r"E-UNL-002 each of the 2 tries failed.*E-UNL-001"):
        choose([one(0.0, progress=False)] * 2)


def test_the_best_of_the_tries_is_saved_with_all_of_them(vlm, data, paths, tmp_path):
    seen = []
    tuned = unlearn_tuned(TrainingInput(vlm, [data], paths, PARAMS), tmp_path / "tuned", on_step=seen.append)
    assert [(one.lr, one.steps) for one in tuned.tries] == [(2e-6, 2), (2e-3, 2)]
    assert tuned.tries[1].score > tuned.tries[0].score
    assert tuned.lr == 2e-3
    assert len(seen) == 4
    unlearn(TrainingInput(vlm, [data], paths, PARAMS), tmp_path / "alone")
    weights = [(tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("tuned", "alone")]
    assert weights[0] == weights[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone", "tuned"]
    assert json.loads(json.dumps(tuned.as_dict()))["tries"][1]["progress"]["kept"] > 0


def test_what_is_wrong_with_every_try_is_said_at_the_first(vlm, data, paths, tmp_path):
    settings = SETTINGS.model_copy(update={"objective": "ga", "targets": ("T3", "T4")})
    params = PARAMS.model_copy(update={"unlearning": settings})
    with pytest.raises(ConceptError, match=r"E-FTD-004 ga trains on none of T3, T4"):
        unlearn_tuned(TrainingInput(vlm, [data], paths, params), tmp_path / "tuned")


def test_a_try_that_fails_is_recorded_and_the_others_go_on(vlm, data, paths, tmp_path, monkeypatch):
    from siu.unlearning import training_samples

    backward = training_samples.TrainingSamples.backward
    calls = iter(range(10))

    def broken_at_first(self, indices, **suffixed):
        values = backward(self, indices, **suffixed)
        return training_samples.StepValues(math.nan, {}) if next(calls) == 0 else values

    monkeypatch.setattr(training_samples.TrainingSamples, "backward", broken_at_first)
    tuned = unlearn_tuned(TrainingInput(vlm, [data], paths, PARAMS), tmp_path / "tuned")
    assert tuned.tries[0].progress is None
    assert "E-UNL-001" in tuned.tries[0].problem
    assert tuned.lr == 2e-3
