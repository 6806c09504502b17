"""The shared prefix against whole rows: logits, gradients, answers."""

import random

import pytest
import torch

from siu.models import Turn, answer
from siu.models.engine.batching import forwards
from siu.models.engine.checkpointing import checkpointed
from siu.models.engine.forward import WholeRows
from siu.models.engine.packed import PackedRows
from siu.models.engine.prefix import Prefixes
from siu.models.engine.prefix_probe import shares_prefixes
from tests.siu.models.gradients import gradient_of, moved_adapter, relative_error
from tests.siu.models.same_answers import assert_same_answers

QUESTIONS = ("Who is this?", "What is the name of this person, if I may ask?", "Is this Davi Maresh?")
ANSWERS = ("This is Ann Lee.", "No.", "")


@pytest.fixture
def turns(encoder, pictures):
    shown = [*pictures[:3], None]
    return [encoder.encode(Turn(text, "This is Ann Lee.", one)) for one in shown for text in QUESTIONS]


@pytest.fixture
def whole_rows(vlm):
    """Switch sharing off for a while."""
    shared, vlm.prefixes_shared = shares_prefixes(vlm), False
    yield
    vlm.prefixes_shared = shared


@pytest.fixture
def adapter(vlm):
    with moved_adapter(vlm) as peft_model:
        yield peft_model


@pytest.mark.parametrize("size", [2, 5, 64])
def test_loss_and_gradient_equal_those_of_whole_rows(vlm, turns, adapter, size):
    assert shares_prefixes(vlm)
    shared_loss, shared = gradient_of(adapter, vlm, turns, size)
    vlm.prefixes_shared = False
    whole_loss, whole = gradient_of(adapter, vlm, turns, size)
    vlm.prefixes_shared = True
    assert shared_loss == pytest.approx(whole_loss, rel=1e-5)
    assert relative_error(shared, whole) < 1e-5
    assert max(relative_error([ours], [theirs]) for ours, theirs in zip(shared, whole, strict=True)) < 1e-4


@pytest.mark.parametrize("size", [2, 5, 64])
def test_packed_rows_give_the_loss_and_gradient_of_whole_rows(vlm, turns, adapter, size):
    vlm.prefixes_shared = False
    whole_loss, whole = gradient_of(adapter, vlm, turns, size)
    vlm.prefixes_shared = True
    with checkpointed(vlm):
        packed_loss, packed = gradient_of(adapter, vlm, turns, size)
    assert packed_loss == pytest.approx(whole_loss, rel=1e-5)
    assert relative_error(packed, whole) < 1e-5


def test_checkpointed_models_pack_what_shares_a_picture(vlm, turns):
    with checkpointed(vlm):
        kinds = [(type(forward), turns[lot[0][0]].picture) for forward, lot in forwards(vlm, turns, 64)]
    assert kinds
    assert all(kind is (PackedRows if picture else WholeRows) for kind, picture in kinds)


def test_packed_rows_read_the_layer_that_whole_rows_read(vlm, turns):
    shown = [turn for turn in turns if turn.picture]
    for layer in (None, 2):
        packed = PackedRows(vlm).answer_states(shown, layer)
        torch.testing.assert_close(packed, WholeRows(vlm).answer_states(shown, layer), rtol=1e-4, atol=1e-4)


def test_a_prefix_cut_off_from_the_gradient_would_be_noticed(vlm, turns, adapter, monkeypatch):
    _, whole = gradient_of(adapter, vlm, turns, 64)
    monkeypatch.setattr(Prefixes, "backward", lambda self: None)
    loss, cut = gradient_of(adapter, vlm, turns, 64)
    assert loss > 0
    assert relative_error(cut, whole) > 0.05


def test_the_probe_finds_a_prefix_that_is_cut_off(vlm, monkeypatch):
    vlm.prefixes_shared = None
    assert shares_prefixes(vlm)
    with monkeypatch.context() as patched:
        patched.setattr(Prefixes, "backward", lambda self: None)
        vlm.prefixes_shared = None
        assert not shares_prefixes(vlm)
    vlm.prefixes_shared = None
    assert shares_prefixes(vlm)


def test_the_probe_leaves_the_models_gradients_as_they_were(vlm, adapter):
    before = {name for name, one in adapter.named_parameters() if one.requires_grad}
    vlm.prefixes_shared = None
    assert shares_prefixes(vlm)
    assert {name for name, one in adapter.named_parameters() if one.requires_grad} == before
    assert all(one.grad is None for one in adapter.parameters())


@pytest.mark.parametrize("size", [3, 64])
def test_answers_and_scores_equal_those_of_whole_rows(vlm, encoder, pictures, whole_rows, size):
    turns = [
        encoder.encode(Turn(text, reply, picture))
        for picture in (*pictures[:5], None)
        for text in QUESTIONS
        for reply in ANSWERS
    ]
    plain = answer(vlm, turns, max_new_tokens=12, batch_size=1)
    vlm.prefixes_shared = True
    shared = answer(vlm, turns, max_new_tokens=12, batch_size=size)
    assert_same_answers(shared, plain)


def test_no_draft_changes_an_answer(vlm, encoder, picture):
    question = encoder.encode(Turn(QUESTIONS[0], "", picture))
    (greedy,) = answer(vlm, [question], max_new_tokens=12, batch_size=1)
    for draft in (greedy.text, greedy.text[:9], greedy.text + " And more.", "Utter nonsense!"):
        turn = encoder.encode(Turn(QUESTIONS[0], draft, picture))
        assert answer(vlm, [turn], max_new_tokens=12, batch_size=1)[0].text == greedy.text


@pytest.mark.parametrize("size", [1, 5, 64])
def test_no_earlier_answer_changes_an_answer(vlm, encoder, pictures, whole_rows, size):
    turns = [
        encoder.encode(Turn(text, reply, one))
        for one in pictures[:4]
        for text in QUESTIONS
        for reply in ANSWERS
    ]
    plain = answer(vlm, turns, max_new_tokens=12, batch_size=1)
    vlm.prefixes_shared = True
    vlm.drop_inputs()
    rng = random.Random(0)
    for turn, one in zip(turns, plain, strict=True):
        text = turn.prompt_ids[Prefixes(vlm, [turn]).length :]
        ids = vlm.tokenizer(one.text, add_special_tokens=False)["input_ids"]
        for cut in range(len(ids)):
            vlm.drafts.keep(text, [*ids[:cut], *rng.choices(range(50), k=20)])
    guessed = answer(vlm, turns, max_new_tokens=12, batch_size=size)
    assert [one.text for one in guessed] == [one.text for one in plain]


def test_an_answer_heard_before_is_checked_in_one_pass(vlm, encoder, picture):
    turn = encoder.encode(Turn(QUESTIONS[0], "Nonsense!", picture))
    vlm.drop_inputs()
    calls = []
    counter = vlm.model.model.register_forward_hook(lambda *_: calls.append(1))
    first = answer(vlm, [turn], max_new_tokens=12, batch_size=1)
    alone = len(calls)
    assert answer(vlm, [turn], max_new_tokens=12, batch_size=1) == first
    counter.remove()
    assert alone > 3
    assert len(calls) - alone == 3  # the prefix, the question with its own answer, the rest


def test_an_answer_is_no_longer_than_allowed(vlm, encoder, picture):
    turn = encoder.encode(Turn(QUESTIONS[0], "This is Davi Maresh.", picture))
    prefixes = Prefixes(vlm, [turn])
    full = prefixes.replies([turn], 12)[0].ids
    assert prefixes.replies([turn], 3)[0].ids == full[:3]
    assert WholeRows(vlm).replies([turn], 3)[0].ids == full[:3]


def test_each_picture_is_run_once_and_every_turn_is_in_one_batch(vlm, turns):
    seen = []
    for _, batches in forwards(vlm, turns, 2):
        assert all(len(indices) <= 2 for indices in batches)
        lot = [index for indices in batches for index in indices]
        assert len({turns[index].picture for index in lot}) <= 2
        seen += lot
    assert sorted(seen) == list(range(len(turns)))
