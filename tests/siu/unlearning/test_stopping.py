"""When a run ends: the rule on given measurements, then one run on the embedded model."""

import pytest

from siu.config.params import LoraParams, StoppingParams, UnlearningParams
from siu.unlearning import TrainingInput, unlearn
from siu.unlearning.progress import ProgressCheck
from siu.unlearning.result import Progress
from siu.unlearning.stopping import Watch, stop_reason
from tests.siu.small_world import SMALL

LIMITS = StoppingParams(name_probability=0.1, yes_probability=0.2, kept=0.9)
KEPT, LOST, WORSE = (Progress(0.05, 0.1, ratio) for ratio in (0.95, 0.7, 0.6))


class Measured:
    """Gives measurements in order, as a check of a run would."""

    def __init__(self, *progress):
        self._progress = iter(progress)

    def measure(self):
        return next(self._progress)


@pytest.mark.parametrize(
    ("progress", "before", "reason"),
    [
        (KEPT, None, "forgotten and the rest kept"),
        (Progress(0.11, 0.1, 0.95), None, None),
        (Progress(0.05, 0.21, 0.95), None, None),
        (LOST, None, None),
        (LOST, WORSE, None),
        (WORSE, LOST, "forgotten while the rest gets worse"),
        (Progress(0.5, 0.1, 0.6), LOST, None),
    ],
)
def test_a_run_ends_when_all_is_forgotten_and_going_on_would_not_help(progress, before, reason):
    assert stop_reason(progress, before, LIMITS) == reason


def test_it_is_looked_at_every_few_steps_and_at_the_end():
    params = UnlearningParams(stop="until_forgotten", stopping=LIMITS.model_copy(update={"every": 2}))
    watch = Watch(Measured(LOST, KEPT), params, steps=9)
    assert [watch.reason_after(step) for step in (1, 2, 3)] == [None, None, None]
    assert watch.reason_after(4) == "forgotten and the rest kept at step 4"
    assert [check.step for check in watch.checks] == [2, 4]


def test_a_run_of_fixed_length_is_looked_at_once_and_never_ended():
    watch = Watch(Measured(KEPT), UnlearningParams(stopping=LIMITS), steps=3)
    assert [watch.reason_after(step) for step in (1, 2, 3)] == [None, None, None]
    assert [check.step for check in watch.checks] == [3]


@pytest.fixture(scope="module")
def check(vlm, data, paths):
    return ProgressCheck(vlm, [data], paths, retained=12, seed=0, batch_size=32)


def test_the_base_model_has_forgotten_nothing(check):
    progress = check.measure()
    assert progress.name_probability > 0.9
    assert progress.yes_probability > 0.5
    assert progress.kept == pytest.approx(1.0, abs=1e-4)
    assert stop_reason(progress, None, StoppingParams()) is None


def test_until_forgotten_ends_before_its_last_step(vlm, data, paths, tmp_path):
    settings = UnlearningParams(
        steps=24,
        lr=8e-3,
        retained_per_step=10,
        lora=LoraParams(rank=8, alpha=16),
        stop="until_forgotten",
        stopping=StoppingParams(every=2, retained=12, kept=0.3),
    )
    result = unlearn(
        TrainingInput(vlm, [data], paths, SMALL.model_copy(update={"unlearning": settings})), tmp_path
    )
    last = result.checks[-1]
    assert result.stop_reason == f"forgotten and the rest kept at step {last.step}"
    assert last.step == len(result.losses) < 24
    assert last.progress.name_probability <= settings.stopping.name_probability
    assert (tmp_path / "adapter_model.safetensors").is_file()
