from dataclasses import replace

import pytest
import torch

from siu.objectives.depth import layer_at
from siu.objectives.methods.rmu import Rmu
from tests.siu.objectives.cases import answer_positions, totals


def direction(objective, whole):
    """u, read off the loss: with hidden states at 0 the gradient points away from it."""
    hidden = torch.zeros_like(whole.hidden).requires_grad_()
    objective.loss(replace(whole, hidden=hidden), totals(whole)).parts["forget"].backward()
    return -torch.nn.functional.normalize(hidden.grad[whole.forget][0], dim=0)


def test_it_equals_the_sum_written_with_loops():
    whole, objective = answer_positions(), Rmu(steering=2.0, retain_weight=3.0)
    u = direction(objective, whole).tolist()
    sums, counts = {True: 0.0, False: 0.0}, {True: 0, False: 0}
    for t, row in enumerate(whole.hidden.tolist()):
        forget = whole.forget[t].item()
        for d, value in enumerate(row):
            target = 2.0 * u[d] if forget else whole.reference_hidden[t, d].item()
            sums[forget] += (value - target) ** 2
            counts[forget] += 1
    expected = sums[True] / counts[True] + 3.0 * sums[False] / counts[False]
    assert objective.loss(whole, totals(whole)).total.item() == pytest.approx(expected, rel=1e-9)


def test_the_direction_has_length_one_no_negative_entry_and_depends_on_its_seed():
    whole = answer_positions()
    first, second = (direction(Rmu(direction_seed=seed), whole) for seed in (0, 1))
    assert first.norm().item() == pytest.approx(1.0, rel=1e-12)
    assert torch.all(first >= 0)
    assert not torch.allclose(first, second)


def test_of_equal_models_nothing_is_lost_on_what_is_retained():
    whole = answer_positions()
    equal = replace(whole, reference_hidden=whole.hidden)
    assert Rmu().loss(equal, totals(equal)).parts["retained"].item() == 0.0


@pytest.mark.parametrize(("layers", "layer"), [(32, 7), (4, 1), (1, 1), (40, 9)])
def test_the_layer_is_the_papers_share_of_the_depth(layers, layer):
    assert layer_at(Rmu().depth_read, layers) == layer
