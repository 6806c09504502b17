"""Hidden states at answer positions after one layer, for objectives on representations."""

import pytest
import torch

from siu.models import Turn
from siu.models.engine.forward import WholeRows


@pytest.fixture(scope="module")
def turns(encoder, picture):
    asked = ("Who is this?", "This is Mira Talvon."), ("Is this Bimbo Zot?", "No.")
    return [encoder.encode(Turn(question, reply, picture)) for question, reply in asked]


@torch.no_grad()
def test_behind_the_last_layer_they_are_what_the_head_reads(vlm, turns):
    forward = WholeRows(vlm)
    last = forward.answer_states(turns, vlm.layer_count)
    torch.testing.assert_close(last, forward.answer_states(turns), rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_padding_changes_nothing(vlm, turns):
    forward = WholeRows(vlm)
    together = forward.answer_states(turns, 1)
    alone = torch.cat([forward.answer_states([turn], 1) for turn in turns])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_text_has_them_too(vlm, encoder):
    turn = encoder.encode(Turn("Where does Mira Talvon live?", "In a village."))
    assert WholeRows(vlm).answer_states([turn], 1).shape[0] == len(turn.answer_ids)
