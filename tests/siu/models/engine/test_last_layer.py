"""The last layer's MLP at the answers alone."""

import pytest
import torch

from siu.models import Turn
from siu.models.engine.forward import WholeRows
from siu.models.engine.last_layer import last_mlp_at
from siu.models.engine.prefix import Prefixes


@pytest.fixture
def turns(encoder, pictures):
    return [
        encoder.encode(Turn(question, "This is Ann Lee.", picture))
        for picture in pictures[:2]
        for question in ("Who is this?", "Is this Davi Maresh?")
    ]


def test_answers_have_the_states_of_whole_rows_and_the_mlp_sees_no_other_token(vlm, turns):
    seen = []
    hook = vlm.layers[-1].mlp.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].shape))
    states = Prefixes(vlm, turns).answer_states(turns)
    hook.remove()
    assert [tuple(shape) for shape in seen] == [(sum(len(turn.answer_ids) for turn in turns), 128)]
    torch.testing.assert_close(states, WholeRows(vlm).answer_states(turns), rtol=1e-4, atol=1e-4)


def test_a_hidden_layer_is_read_with_every_token(vlm, turns):
    for layer in (2, vlm.layer_count - 1):
        states = Prefixes(vlm, turns).answer_states(turns, layer)
        torch.testing.assert_close(states, WholeRows(vlm).answer_states(turns, layer), rtol=1e-4, atol=1e-4)


def test_the_mlp_is_the_models_own_again_even_after_an_error(vlm):
    mlp = vlm.layers[-1].mlp
    with pytest.raises(ZeroDivisionError), last_mlp_at(vlm, None):
        raise ZeroDivisionError
    assert vlm.layers[-1].mlp is mlp
