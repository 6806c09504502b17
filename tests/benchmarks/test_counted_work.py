"""What a step and an evaluation cost, counted: no number here depends on how busy the machine is.

A shortcut that is lost would leave every result right and every other test green.
"""

import pytest

from benchmarks.counting import count
from benchmarks.evaluation import NEW_TOKENS, answers, shared_answers
from benchmarks.sizes import SIZES
from benchmarks.steps import WAYS, outcome, steps
from benchmarks.workload import asked_questions, draw_pictures, step_workload
from siu.models import Turn, TurnEncoder
from siu.models.engine.prefix import prefix_length

SHOWN, TOLD = 4, 3
PICTURES, QUESTIONS = 2, 3


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return step_workload(tmp_path_factory.mktemp("step"), SHOWN, TOLD)


@pytest.fixture(scope="module")
def turns(tiny, work):
    encoder = TurnEncoder(tiny)
    return [
        encoder.encode(Turn(one.question, one.answer, work.paths[one.picture] if one.picture else None))
        for one in work.samples
    ]


@pytest.fixture(scope="module")
def outcomes(tiny, work):
    with steps(tiny, work, SIZES["tiny"].lora) as one:
        return {way: outcome(one, way) for way in WAYS}


@pytest.fixture(scope="module")
def costs(outcomes):
    return {way: one.work for way, one in outcomes.items()}


@pytest.fixture(scope="module")
def shapes(tiny, turns):
    """Prefix length, and padded lengths of the texts behind a picture and of those without one."""
    prefix = prefix_length(tiny, turns[0])
    return prefix, max(map(len, turns[:SHOWN])) - prefix, max(map(len, turns[SHOWN:]))


def test_a_step_runs_the_pictures_tokens_once(costs, shapes):
    prefix, text, told = shapes
    assert costs["shared"].backbone_tokens == prefix + SHOWN * text + TOLD * told
    assert costs["plain"].backbone_tokens == SHOWN * (prefix + text) + TOLD * told


def test_the_peers_way_runs_the_reference_as_well(costs):
    assert costs["peers"].backbone_tokens == 2 * costs["plain"].backbone_tokens
    assert costs["peers"].vision_rows == 2 * SHOWN


def test_only_answer_tokens_reach_the_vocabulary_head(costs, turns):
    answered = sum(len(turn.answer_ids) for turn in turns)
    assert costs["shared"].head_rows == costs["plain"].head_rows == answered
    assert costs["peers"].head_rows == costs["peers"].backbone_tokens


def test_a_step_is_one_call_for_the_prefix_and_one_for_each_kind_of_row(costs):
    assert (costs["shared"].forward_calls, costs["plain"].forward_calls) == (3, 2)


def test_what_is_frozen_is_not_run_again(tiny, work):
    with steps(tiny, work, SIZES["tiny"].lora, ["shared"]) as one:
        first, second = (count(one.models, lambda: one.run("shared")) for _ in range(2))
    assert first.forward_calls == 2 * second.forward_calls  # the reference, in the first step only
    assert second.vision_rows == 0


def test_a_step_saves_at_least_the_linear_layers_of_the_tokens_it_leaves_out(tiny, costs):
    """Forward and backward through a frozen weight are 4 FLOPs per token; the rest comes on top."""
    layers = tiny.model.model.language_model.layers
    weights = sum(one.numel() for one in layers.parameters() if one.ndim == 2)
    left_out = costs["plain"].backbone_tokens - costs["shared"].backbone_tokens
    assert costs["plain"].flops - costs["shared"].flops >= 4 * weights * left_out


def test_a_step_of_the_peers_way_costs_over_twice_as_much(costs):
    """Their reference is half of a forward and backward pass; vision tower and all logits come on top."""
    assert costs["peers"].flops > 2 * costs["shared"].flops


def test_layers_below_the_first_adapted_one_cost_nothing_after_the_first_step(tiny, work, costs):
    """Forward alone they are 2 FLOPs per weight and token; their backward pass comes on top."""
    half = SIZES["tiny"].lora.model_copy(update={"layer_share": 0.5})
    with steps(tiny, work, half, ["shared"]) as one:
        upper = outcome(one, "shared").work
    below = tiny.layers[: tiny.layer_count // 2]
    weights = sum(one.numel() for one in below.parameters() if one.ndim == 2)
    assert upper.backbone_tokens == costs["shared"].backbone_tokens
    assert costs["shared"].flops - upper.flops > 2 * weights * upper.backbone_tokens


@pytest.fixture(scope="module")
def asked(tiny, tmp_path_factory):
    """What questions about some pictures cost, by our path and one by one."""
    pictures = draw_pictures(tmp_path_factory.mktemp("asked"), PICTURES)
    texts = asked_questions(QUESTIONS)
    shared = count([tiny.model], lambda: shared_answers(tiny, pictures, texts))
    singly = count(
        [tiny.model], lambda: [answers(tiny, "one by one", picture, texts) for picture in pictures]
    )
    encoder = TurnEncoder(tiny)
    turns = [encoder.encode(Turn(text, picture=pictures[0])) for text in texts]
    return shared, singly, turns


def test_an_evaluation_sees_and_prefills_each_picture_once(tiny, asked):
    shared, singly, turns = asked
    prefix = prefix_length(tiny, turns[0])
    assert shared.vision_rows == PICTURES
    assert singly.vision_rows == PICTURES * QUESTIONS
    longest = max(map(len, turns)) - prefix
    decoded = NEW_TOKENS - 1  # the first token comes with the question
    guessed = (PICTURES - 1) * QUESTIONS * decoded  # the first picture's answers, tried once on the others
    most = PICTURES * (prefix + QUESTIONS * (longest + decoded)) + guessed
    assert PICTURES * prefix < shared.backbone_tokens <= most
    assert singly.backbone_tokens - shared.backbone_tokens >= PICTURES * (QUESTIONS - 1) * (prefix - longest)


def test_an_evaluation_is_one_call_for_the_prefixes_and_one_per_token_and_batch(asked):
    shared, singly, _ = asked
    assert shared.forward_calls <= 1 + PICTURES * NEW_TOKENS
    assert singly.forward_calls >= QUESTIONS * (shared.forward_calls - 1)


def test_each_answer_token_passes_the_vocabulary_head_once_and_as_a_wrong_guess_once_more(asked):
    shared, _, _ = asked
    assert shared.head_rows <= (2 * PICTURES - 1) * QUESTIONS * NEW_TOKENS
