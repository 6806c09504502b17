"""Two lanes against one: equal answers and gradients, the same bytes in turn and side by side."""

import threading
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from siu.cores import one_core
from siu.models import Turn, answer, token_log_probs
from siu.models.engine.batching import forwards
from siu.models.engine.prefix import prefix_length
from siu.models.engine.prefix_probe import LONG
from siu.models.engine.replicas import Lanes
from siu.models.engine.reply import answer_labels
from tests.siu.models.gradients import gradient_of, moved_adapter, relative_error

QUESTIONS = ("Who is this?", "What is the name of this person, if I may ask?", "Is this Davi Maresh?")


@pytest.fixture(scope="module")
def turns(vlm, encoder, pictures):
    shown = [*pictures[:4], None, None]
    return [
        encoder.encode(Turn(f"{text} {row}" if one is None else text, "This is Ann Lee.", one))
        for row, one in enumerate(shown)
        for text in QUESTIONS
    ]


def numbers(lane, rows):
    yield from ((lane.number, row) for row in rows)


def gradients(lanes, turns, size=64):
    """Return loss and gradients of the answers' summed cross-entropy, by lanes."""

    def backward(lane, rows):
        told = [turns[row] for row in rows]
        for forward, batches in forwards(lane.vlm, told, size):
            for batch in batches:
                some = [told[at] for at in batch]
                logits = lane.vlm.logits(forward.answer_states(some))
                labels = answer_labels(some, lane.vlm.device)
                loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
                loss.backward()
                yield loss.item()
            forward.backward()

    losses = lanes.run(backward, turns)
    lanes.add_gradients()
    named = [one for one in lanes.all[0].whole.parameters() if one.grad is not None]
    found = [one.grad for one in named]
    for one in named:
        one.grad = None
    return sum(losses), found


def test_every_row_is_in_one_lane_and_a_pictures_rows_are_together(vlm, turns):
    found = Lanes(vlm).run(numbers, turns)
    assert sorted(row for _, row in found) == list(range(len(turns)))
    lane_of = {row: lane for lane, row in found}
    for picture in {turn.picture for turn in turns if turn.picture}:
        assert len({lane_of[row] for row, turn in enumerate(turns) if turn.picture == picture}) == 1
    assert set(lane_of.values()) == {0, 1}


def test_equal_texts_are_in_one_lane_since_what_is_kept_of_one_serves_the_other(vlm, turns):
    texts = [turn for turn in turns if turn.picture is None] * 2
    lane_of = {row: lane for lane, row in Lanes(vlm).run(numbers, texts)}
    half = len(texts) // 2
    assert all(lane_of[row] == lane_of[row + half] for row in range(half))
    assert set(lane_of.values()) == {0, 1}


@given(chosen=st.sets(st.integers(0, 17)))
def test_lanes_differ_by_no_more_than_the_largest_prefix_with_its_texts(vlm, turns, chosen):
    rows = sorted(chosen)
    found = [(lane, rows[at]) for lane, at in Lanes(vlm).run(numbers, [turns[row] for row in rows])]
    assert sorted(row for _, row in found) == rows
    lengths = [sum(len(turns[row]) for lane, row in found if lane == number) for number in (0, 1)]
    largest = max((sum(len(turns[row]) for row in chosen if row // 3 == one) for one in range(6)), default=0)
    assert abs(lengths[0] - lengths[1]) <= 2 * largest


def test_few_tokens_stay_in_one_lane_since_a_twin_costs_more_than_it_saves(vlm, turns, monkeypatch):
    size = sum(one.numel() for one in vlm.model.parameters())
    prefix = prefix_length(vlm, turns[0])
    tokens = sum(len(turn) for turn in turns) - 8 * prefix  # three rows stand behind each picture's prefix
    for short, lanes in ((0, {0, 1}), (1, {0})):
        monkeypatch.setattr("siu.models.engine.replicas.WORTH_A_TWIN", size * (tokens + short))
        assert {lane for lane, _ in Lanes(vlm).run(numbers, turns)} == lanes


def test_a_single_prefix_stays_in_one_lane(vlm, turns):
    assert {lane for lane, _ in Lanes(vlm).run(numbers, turns[:3])} == {0}


def test_loss_and_gradient_equal_those_of_one_lane(vlm, turns):
    with moved_adapter(vlm) as peft_model:
        whole_loss, whole = gradient_of(peft_model, vlm, turns, 64)
        loss, found = gradients(Lanes(vlm, peft_model), turns)
    assert loss == pytest.approx(whole_loss, rel=1e-5)
    assert relative_error(found, whole) < 1e-5


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    """Nobody else is at work on two cores, whatever the machine has; no work is too little for both."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("siu.cores._busy", lambda: 1)
    monkeypatch.setattr("siu.models.engine.replicas.WORTH_A_TWIN", 0)


def test_side_by_side_and_in_turn_give_the_same_bytes(vlm, turns):
    used = set()

    def who(lane, rows):
        used.add((lane.number, threading.get_ident()))
        yield

    with moved_adapter(vlm) as peft_model:
        lanes = Lanes(vlm, peft_model)
        lanes.run(who, turns)
        beside = gradients(lanes, turns, 4)
        with one_core():
            after = gradients(lanes, turns, 4)
    assert len({thread for _, thread in used}) == 2
    assert beside[0] == after[0]
    assert all(one.equal(other) for one, other in zip(beside[1], after[1], strict=True))


def test_gradients_of_the_twin_are_added_once_and_its_weights_follow(vlm, turns):
    with moved_adapter(vlm) as peft_model:
        lanes = Lanes(vlm, peft_model)
        first, second = (gradients(lanes, turns)[1] for _ in range(2))
        assert all(one.equal(other) for one, other in zip(first, second, strict=True))
        with torch.no_grad():
            for one in peft_model.parameters():
                if one.requires_grad:
                    one.mul_(0.5)
        moved = gradients(lanes, turns)[1]
        fresh = gradients(Lanes(vlm, peft_model), turns)[1]
    assert not any(one.equal(other) for one, other in zip(first, moved, strict=True))
    assert all(one.equal(other) for one, other in zip(moved, fresh, strict=True))


def test_frozen_weights_are_the_same_tensors(vlm):
    with moved_adapter(vlm) as peft_model:
        pairs = zip(*(lane.whole.named_parameters() for lane in Lanes(vlm, peft_model).all), strict=True)
        for (name, mine), (_, theirs) in pairs:
            assert (mine is theirs) == ("lora_" not in name)
            assert mine.data_ptr() == theirs.data_ptr()


def test_prefixes_are_tried_before_there_are_two(vlm, monkeypatch):
    monkeypatch.setattr(vlm, "prefixes_shared", None)
    monkeypatch.setattr(vlm, "long_prefix", None)
    twin = Lanes(vlm).all[1].vlm
    assert twin.prefixes_shared is vlm.prefixes_shared is True
    assert twin.long_prefix == vlm.long_prefix == LONG


def test_answers_and_scores_equal_those_of_one_lane(vlm, turns, monkeypatch):
    def asked():
        vlm.drop_inputs()
        replies = answer(vlm, turns, max_new_tokens=12, batch_size=4)
        return [one.text for one in replies], [one.log_probs for one in replies], scores()

    def scores():
        return token_log_probs(vlm, turns, batch_size=4)

    two = asked()
    monkeypatch.setattr("siu.models.engine.replicas._divisible", lambda lane: False)
    one = asked()
    assert two[0] == one[0]
    for ours, theirs in zip(two[1:], one[1:], strict=True):
        torch.testing.assert_close(torch.tensor(ours), torch.tensor(theirs), rtol=1e-4, atol=1e-4)


def test_progress_counts_every_answer_and_is_told_by_one_lane_at_a_time(vlm, turns):
    told, within = [], threading.Lock()

    def on_done(count):
        assert within.acquire(blocking=False)
        told.append(count)
        within.release()

    answer(vlm, turns, max_new_tokens=4, batch_size=2, on_done=on_done)
    assert sum(told) == len(turns)


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_in_one_lane_stops_the_other_and_is_raised(vlm, turns, failing):
    steps = {0: 0, 1: 0}
    failed = threading.Event()

    def work(lane, rows):
        for _ in range(1000):
            if lane.number == failing:
                failed.set()
                raise ZeroDivisionError
            failed.wait(0.01)
            steps[lane.number] += 1
            yield

    with pytest.raises(ZeroDivisionError):
        Lanes(vlm).run(work, turns)
    assert steps[1 - failing] < 1000


def test_a_lane_knows_whether_gradients_are_wanted(vlm, turns):
    def enabled(lane, rows):
        yield torch.is_grad_enabled()

    with torch.no_grad():
        assert Lanes(vlm).run(enabled, turns) == [False, False]
    assert Lanes(vlm).run(enabled, turns) == [True, True]


def test_the_adapter_is_off_in_both_lanes(vlm, turns):
    with moved_adapter(vlm) as peft_model, torch.no_grad():
        lanes = Lanes(vlm, peft_model)
        with lanes.adapter_off():
            off = [answers(lane, turns) for lane in lanes.all]
        on = [answers(lane, turns) for lane in lanes.all]
    base = answers(lanes.all[0], turns)
    for lane in (0, 1):
        torch.testing.assert_close(off[lane], base)
        assert not torch.allclose(on[lane], base, atol=1e-2)


def answers(lane, turns):
    forward, _ = next(forwards(lane.vlm, turns[:3], 64))
    return lane.vlm.logits(forward.answer_states(turns[:3]))


def lanes_of(vlm, peft_model):
    return len(Lanes(vlm, peft_model).all)


def test_one_lane_where_something_hooks_into_the_model(vlm):
    with moved_adapter(vlm) as peft_model:
        assert lanes_of(vlm, peft_model) == 2
        hook = vlm.layers[0].register_forward_hook(lambda *_: None)
        assert lanes_of(vlm, peft_model) == 1
        hook.remove()
        hook = vlm.layers[0].register_full_backward_hook(lambda *_: None)
        assert lanes_of(vlm, peft_model) == 1
        hook.remove()
        vlm.layers[0].forward = vlm.layers[0].forward  # as accelerate does where weights are moved about
        assert lanes_of(vlm, peft_model) == 1
        del vlm.layers[0].forward
        assert lanes_of(vlm, peft_model) == 2


@pytest.mark.parametrize("changes", [{"dropout": 0.1}, {"vision": True}])
def test_one_lane_where_adapters_are_random_or_pictures_change(vlm, changes):
    with moved_adapter(vlm, **changes) as peft_model:
        assert lanes_of(vlm, peft_model) == 1


def test_one_lane_where_whole_rows_are_run(vlm, turns, monkeypatch):
    monkeypatch.setattr(vlm, "prefixes_shared", False)
    assert all(one == other for one, other in pairwise(lane for lane, _ in Lanes(vlm).run(numbers, turns)))
