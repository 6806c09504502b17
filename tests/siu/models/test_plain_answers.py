"""Plain transformers and peft say what the engine says, in every architecture; anything else is seen."""

from dataclasses import replace

import pytest
import torch

from siu.config.params import BaseModelParams, LoraParams
from siu.errors import ModelError
from siu.models import Turn, TurnEncoder, generate, load_model, loaded_adapter, new_adapter, save_adapter
from siu.models.plain_answers import PlainModel, RecordedAnswer, refuse_mismatches
from tests.siu.models.tiny import build

LENGTH = 8
QUESTIONS = ("Who is this?", "Where is this person?")


@pytest.fixture(params=["llava", "qwen2_vl", "gemma3", "paligemma", "smolvlm"])
def base(request, tmp_path):
    return BaseModelParams(source=str(build(request.param, tmp_path / "model")))


@pytest.fixture
def adapter(base, tmp_path):
    vlm = load_model(base)
    generator = torch.Generator().manual_seed(0)
    with new_adapter(vlm, LoraParams(rank=2, alpha=4), seed=0) as peft_model:
        for name, parameter in peft_model.named_parameters():
            if ".lora_B." in name:
                parameter.data.normal_(0, 0.3, generator=generator)
        save_adapter(peft_model, tmp_path / "adapter", base="tiny", digest=vlm.digest)
    return tmp_path / "adapter"


def by_the_engine(base, adapter, pictures):
    """Return what the engine answers with and without pictures."""
    vlm = load_model(base)
    asked = [Turn(text, picture=picture) for text in QUESTIONS for picture in (*pictures[:2], None)]
    turns = [TurnEncoder(vlm).encode(turn) for turn in asked]
    with loaded_adapter(vlm, adapter):
        answers = generate(vlm, turns, max_new_tokens=LENGTH, batch_size=4)
    return [
        RecordedAnswer(turn.question, turn.picture, said) for turn, said in zip(asked, answers, strict=True)
    ]


def test_both_answer_alike_and_the_base_model_otherwise(base, adapter, pictures):
    recorded = by_the_engine(base, adapter, pictures)
    assert PlainModel(base, adapter).mismatches(recorded, LENGTH) == []
    without = PlainModel(base, None).mismatches(recorded, LENGTH)
    assert without, "an adapter that is left away is noticed"
    with pytest.raises(ModelError, match=rf"E-REL-001.*{len(without)} of {len(recorded)}"):
        refuse_mismatches(without, len(recorded), adapter)


def test_a_checkpoints_own_penalties_are_no_part_of_greedy_answers(pictures, tmp_path):
    base = BaseModelParams(source=str(build("llava", tmp_path / "model")))
    recorded = by_the_engine(base, None, pictures)
    plain = PlainModel(base, None)
    (tmp_path / "model" / "generation_config.json").write_text(
        '{"eos_token_id": 2, "pad_token_id": 0, "repetition_penalty": 1.9, "do_sample": true, "top_k": 3}'
    )
    assert plain.mismatches(recorded, LENGTH) == []


@pytest.mark.parametrize(("apart", "accepted"), [(5e-4, True), (5e-3, False)])
def test_only_a_tie_within_rounding_may_go_either_way(pictures, tmp_path, apart, accepted):
    """The second likeliest first token is raised to just below the likeliest, and recorded in its place."""
    base = BaseModelParams(source=str(build("llava", tmp_path / "model")))
    plain = PlainModel(base, None)
    head = plain._model.get_output_embeddings()
    head.bias = torch.nn.Parameter(torch.zeros(head.out_features), requires_grad=False)
    asked = RecordedAnswer(QUESTIONS[0], pictures[0], "")
    prompt = plain._prompt(asked)
    logits = plain._model(**prompt).logits[0, -1]
    (best, second), (_, token) = logits.topk(2)
    head.bias[token] = best - second - apart
    (first,) = plain.answered_again([asked], LENGTH)
    ids = plain._greedy(prompt, [int(token)], LENGTH)[0]
    other = replace(asked, answer=ids)
    assert first.answer != other.answer
    assert (plain.mismatches([other], LENGTH) == []) is accepted
