"""The peers' way, our plain path and shared prefixes do the same; only then their times say something."""

import pytest
import torch

from benchmarks.evaluation import ANSWER_WAYS, answers
from benchmarks.sizes import SIZES
from benchmarks.steps import WAYS, assert_equal, differences, outcome, steps
from benchmarks.workload import asked_questions, draw_pictures, step_workload


@pytest.mark.parametrize(("shown", "told"), [(1, 1), (5, 2)])
def test_losses_and_gradients_are_equal(tiny, tmp_path, shown, told):
    with steps(tiny, step_workload(tmp_path, shown, told), SIZES["tiny"].lora) as one:
        outcomes = [outcome(one, way) for way in WAYS]
    assert all(one.gradient.norm() > 0 for one in outcomes)
    assert_equal(differences(outcomes), tolerance=1e-5)


def test_ways_that_differ_are_not_timed(tiny, tmp_path):
    with steps(tiny, step_workload(tmp_path, 2, 1), SIZES["tiny"].lora, ["plain"]) as one:
        right = outcome(one, "plain")
    wrong = type(right)(right.loss, right.gradient * 1.01, right.work)
    with pytest.raises(SystemExit, match="differ"):
        assert_equal(differences([wrong, right]))


def test_answers_are_equal(tiny, tmp_path):
    (picture,), texts = draw_pictures(tmp_path, 1), asked_questions(9)
    said = {way: answers(tiny, way, picture, texts) for way in ANSWER_WAYS}
    assert all(one == said["shared"] for one in said.values())
    assert len(set(said["shared"])) > 3


def test_the_reference_is_a_copy(tiny, tmp_path):
    with steps(tiny, step_workload(tmp_path, 1, 1), SIZES["tiny"].lora) as one:
        model, *_, reference = one.models
        ours = {parameter.data_ptr() for parameter in model.parameters()}
        assert not ours & {parameter.data_ptr() for parameter in reference.parameters()}


def test_weights_are_the_same_in_every_run(tiny):
    again = SIZES["tiny"].build(torch.device("cpu"))
    for one, other in zip(tiny.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)
