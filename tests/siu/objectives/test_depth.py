"""Objectives that read a hidden layer, and the layers that are adapted."""

import pytest

from siu.errors import ModelError
from siu.models.trained_parts import first_adapted
from siu.objectives.depth import check_depth, layer_at
from siu.objectives.methods.rmu import Rmu
from siu.objectives.methods.siu import Siu


def test_an_objective_that_reads_below_what_is_adapted_is_refused():
    with pytest.raises(ModelError, match=r"E-MOD-028.*0\.219.*layer_share 0\.5.*to 1"):
        check_depth(Rmu(), 0.5)
    check_depth(Rmu(), 1.0)
    check_depth(Rmu(depth=0.6), 0.5)
    check_depth(Siu(), 0.01)


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 7, 28, 32, 80])
@pytest.mark.parametrize("depth", [0.01, 7 / 32, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.79, 1.0])
def test_what_is_let_through_has_an_adapted_layer_at_or_below_the_one_that_is_read(layers, depth, share):
    try:
        check_depth(Rmu(depth=depth), share)
    except ModelError:
        return
    assert first_adapted(layers, share) < layer_at(depth, layers)
