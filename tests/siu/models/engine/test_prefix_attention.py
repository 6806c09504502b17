"""One prefix attended to by all its rows at once, against a copy of it in every row."""

import pytest
import torch
from transformers import DynamicCache

from siu.models import Turn, answer
from siu.models.engine.prefix_attention import attend, prefix_cache
from siu.models.engine.prefix_probe import LONG, shares_prefixes
from tests.siu.models.same_answers import assert_same_answers

QUESTIONS = ("Who is this?", "What is the name of this person, if I may ask?", "Is this Davi Maresh?")


@pytest.fixture
def attending(vlm):
    """Switch attention to prefixes of any length on for a while."""
    shares_prefixes(vlm)
    before, vlm.long_prefix = vlm.long_prefix, 1
    yield vlm
    vlm.long_prefix = before


@pytest.mark.parametrize(("heads", "kept"), [(4, 4), (4, 2), (4, 1)])
@pytest.mark.parametrize("which", [[0, 0, 0], [0, 1, 0], [1, 0, 1]])
def test_attention_equals_that_to_a_copy_of_the_prefix_in_every_row(heads, kept, which):
    rng = torch.Generator().manual_seed(0)

    def random(*shape):
        return torch.randn(*shape, generator=rng)

    keys, values = random(2, kept, 7, 8), random(2, kept, 7, 8)
    rows = torch.tensor(which)
    ours, plain = prefix_cache([(keys, values)], rows, room=2), DynamicCache()
    plain.update(keys[rows], values[rows], 0)
    for new in (3, 1, 2):
        query, added = random(3, heads, new, 8), random(3, kept, new, 8)
        states = ours.update(added, -added, 0)
        whole = plain.update(added, -added, 0)
        assert ours.get_seq_length() == plain.get_seq_length()
        mask = torch.zeros(3, 1, new, plain.get_seq_length())
        mask[1, :, :, 7:8] = torch.finfo(torch.float32).min
        seen, _ = attend(torch.nn.Identity(), query, *states, mask, scaling=8**-0.5)
        copied = (one.repeat_interleave(heads // kept, dim=1) for one in whole)
        expected = torch.nn.functional.scaled_dot_product_attention(query, *copied, attn_mask=mask)
        torch.testing.assert_close(seen, expected.transpose(1, 2), rtol=1e-5, atol=1e-6)


def test_rows_that_are_done_leave_the_cache():
    keys = torch.arange(2.0)[:, None, None, None].expand(2, 1, 3, 4)
    cache = prefix_cache([(keys, keys)], torch.tensor([0, 1, 1, 0]), room=2)
    states = torch.arange(4.0)[:, None, None, None].expand(4, 1, 1, 4)
    cache.update(states, states, 0)
    cache.batch_select_indices(torch.tensor([3, 2]))
    query, mask = torch.zeros(2, 1, 1, 4), torch.zeros(2, 1, 1, 5)
    kept = cache.update(states[:2], states[:2], 0)
    seen, _ = attend(torch.nn.Identity(), query, *kept, mask, scaling=1.0)
    torch.testing.assert_close(seen[:, 0, 0, 0], torch.tensor([(0 * 3 + 3 + 0) / 5, (1 * 3 + 2 + 1) / 5]))


@pytest.mark.parametrize("size", [3, 64])
def test_answers_and_scores_equal_those_of_copied_prefixes(attending, encoder, pictures, size):
    vlm = attending
    turns = [
        encoder.encode(Turn(text, reply, picture))
        for picture in (*pictures[:5], None)
        for text in QUESTIONS
        for reply in ("This is Ann Lee.", "No.", "")
    ]
    ours = answer(vlm, turns, max_new_tokens=12, batch_size=size)
    vlm.long_prefix = None
    copied = answer(vlm, turns, max_new_tokens=12, batch_size=size)
    assert_same_answers(ours, copied)


def test_the_probe_finds_layers_that_attend_wrongly(vlm, monkeypatch):
    vlm.prefixes_shared = None
    assert shares_prefixes(vlm)
    assert vlm.long_prefix == LONG
    with monkeypatch.context() as patched:
        patched.setattr("siu.models.engine.prefix_attention._times", lambda left, right: (left @ right) * 0.5)
        vlm.prefixes_shared = None
        assert shares_prefixes(vlm)
        assert vlm.long_prefix is None
    vlm.prefixes_shared = None
    assert shares_prefixes(vlm)
