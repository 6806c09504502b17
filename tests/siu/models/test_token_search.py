"""The search of suffixes: what it inserts, and that it makes answers likelier."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from siu.models import Turn, token_log_probs
from siu.models.engine.forward import WholeRows
from siu.models.engine.reply import answer_labels
from siu.models.token_search import TokenSearch

ANSWER = "This is Wilmar Tesk."


@pytest.fixture
def turns(encoder, pictures):
    return [encoder.encode(Turn("Who is this?", ANSWER, picture)) for picture in pictures[:2]]


def searching(vlm, seed=0):
    return TokenSearch(vlm, tried=16, seed=seed, batch_size=64)


@pytest.mark.parametrize("shown", [True, False])
def test_tokens_are_inserted_right_after_the_question(vlm, encoder, picture, shown):
    turn = encoder.encode(Turn("Who is this?", ANSWER, picture if shown else None))
    ids = tuple(token for token in range(len(vlm.tokenizer)) if token not in turn.prompt_ids)[-3:]
    row = searching(vlm).inserted(turn, ids)
    at = row.prompt_ids.index(ids[0])
    assert vlm.tokenizer.decode(list(row.prompt_ids[:at])).endswith("Who is this?")
    assert replace(row, prompt_ids=(*row.prompt_ids[:at], *row.prompt_ids[at + 3 :])) == turn


def test_the_loss_is_the_mean_cross_entropy_of_the_answers(vlm, turns):
    search = searching(vlm)
    suffix = search.measured(search.drawn(5), turns)
    rows = [search.inserted(turn, suffix.ids) for turn in turns]
    logits = vlm.logits(WholeRows(vlm).answer_states(rows)).detach()
    assert suffix.loss == pytest.approx(
        F.cross_entropy(logits, answer_labels(rows, vlm.device)).item(), rel=1e-4
    )


def test_a_step_replaces_one_token_at_most_and_makes_nothing_worse(vlm, turns):
    search = searching(vlm)
    suffix = first = search.measured(search.drawn(5), turns)
    for _ in range(6):
        better = search.improved(suffix, turns)
        assert sum(one != other for one, other in zip(better.ids, suffix.ids, strict=True)) <= 1
        assert better.loss < suffix.loss or better == suffix
        suffix = better
    assert suffix.loss < first.loss
    assert not {*suffix.ids} & {*vlm.tokenizer.all_special_ids, vlm.image_token_id}


def test_the_gradient_is_that_of_the_embeddings(vlm, turns):
    """To first order: a small step of one place's embedding towards a token changes the loss as said."""
    search, embeddings = searching(vlm), vlm.model.get_input_embeddings()
    suffix = search.measured(search.drawn(3), turns[:1])
    gains = search._gains(suffix.ids, turns[:1])
    row = search.inserted(turns[0], suffix.ids)
    token, place = int(search._free[7]), row.prompt_ids.index(suffix.ids[1])
    share = 1e-2

    def moved(_, __, output):
        output = output.clone()
        output[0, place] += share * embeddings.weight[token]
        return output

    handle = embeddings.register_forward_hook(moved)
    with torch.no_grad():
        logits = vlm.logits(WholeRows(vlm).answer_states([row]))
    handle.remove()
    loss = F.cross_entropy(logits, answer_labels([row], vlm.device)).item()
    assert suffix.loss - loss == pytest.approx(share * gains[1, 7].item(), rel=0.2, abs=1e-4)


def test_equal_seeds_find_equal_suffixes(vlm, turns):
    def suffix_of(seed):
        search = searching(vlm, seed)
        return search.improved(search.measured(search.drawn(4), turns), turns)

    assert suffix_of(0) == suffix_of(0) != suffix_of(1)


def test_a_search_leaves_the_model_as_it_was(vlm, turns):
    before = token_log_probs(vlm, turns, batch_size=8)
    search = searching(vlm)
    search.improved(search.measured(search.drawn(4), turns), turns)
    assert token_log_probs(vlm, turns, batch_size=8) == before
