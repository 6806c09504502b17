"""Every architecture takes the whole way with its real processor and gives the answers of its own call."""

from itertools import pairwise

import pytest
import torch
from PIL import Image

from siu.config.params import (
    BaseModelParams,
    EvaluationParams,
    FinetuningDataParams,
    LoraParams,
    Params,
    UnlearningParams,
)
from siu.data.images import load_image
from siu.finetuning_data import build_data, choose_substitutes
from siu.models import Turn, TurnEncoder, generate, load_model, loaded_adapter, token_log_probs
from siu.models.architectures import ARCHITECTURES
from siu.unlearning import TrainingInput, unlearn
from tests.siu.models.tiny import build

FEW = FinetuningDataParams(
    name_questions=1,
    views=0,
    description_questions=1,
    yes_no_questions=1,
    fact_questions=1,
    retained_concepts=1,
    strangers=1,
)
LORA = LoraParams(rank=4, alpha=8)
PARAMS = Params(
    finetuning_data=FEW,
    evaluation=EvaluationParams(max_new_tokens=6, batch_size=32),
    unlearning=UnlearningParams(steps=2, lr=5e-2, retained_per_step=4, micro_batch=8, lora=LORA),
)
SIZES = ((40, 40), (30, 64), (90, 30), (64, 64))
QUESTIONS = ("Who is this?", "Is this Ann? Tell me.")
LONGEST = 8


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def folder(request, tmp_path_factory):
    return build(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def tiny(folder):
    return load_model(BaseModelParams(source=str(folder)))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Pictures of several shapes, so that a processor that cuts tiles cuts different numbers of them."""
    folder = tmp_path_factory.mktemp("shown")
    files = []
    for number, size in enumerate(SIZES):
        files.append(folder / f"{number}.png")
        noise = Image.linear_gradient("L").rotate(90 * number).resize(size)
        Image.merge("RGB", (noise, noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT), noise)).save(files[-1])
    return files


@pytest.fixture(scope="module")
def turns(tiny, shown):
    encoder = TurnEncoder(tiny)
    return [encoder.encode(Turn(text, "This is Ann.", one)) for one in (*shown, None) for text in QUESTIONS]


def test_construct_unlearn_ask_save_load_give_the_same_answers(
    tiny, folder, turns, collection, paths, tmp_path
):
    concept = collection.concepts[0]
    one = collection.path(collection.pictures_of(concept.id, split="train")[0])
    substitute = choose_substitutes([concept], collection, seed=0)[concept.id]
    data = build_data(tiny, collection, concept, one, substitute, PARAMS)
    before = token_log_probs(tiny, turns, batch_size=8)
    result = unlearn(TrainingInput(tiny, [data], paths, PARAMS), tmp_path)
    assert result.losses[1].loss < result.losses[0].loss
    assert token_log_probs(tiny, turns, batch_size=8) == before  # the base model is as it was
    with loaded_adapter(tiny, tmp_path):
        after, answers = token_log_probs(tiny, turns, batch_size=8), ask(tiny, turns)
    assert (torch.tensor(after) - torch.tensor(before)).abs().max() > 0.1
    again = load_model(BaseModelParams(source=str(folder)))
    with loaded_adapter(again, tmp_path):
        scores = torch.tensor(token_log_probs(again, turns, batch_size=8))
        torch.testing.assert_close(scores, torch.tensor(after), rtol=1e-5, atol=1e-5)
        assert ask(again, turns) == answers


def test_rows_in_a_batch_equal_single_rows(tiny, turns):
    together = token_log_probs(tiny, turns, batch_size=8)
    alone = [token_log_probs(tiny, [turn], batch_size=1)[0] for turn in turns]
    torch.testing.assert_close(torch.tensor(together), torch.tensor(alone), rtol=1e-5, atol=1e-5)
    assert ask(tiny, turns) == [ask(tiny, [turn])[0] for turn in turns]


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # PaliGemma's processor makes labels by itself
def test_prompt_and_answer_are_what_processor_and_model_give_by_themselves(tiny, shown):
    encoder = TurnEncoder(tiny)
    for picture in shown:
        turn = encoder.encode(Turn(QUESTIONS[0], picture=picture))
        content = [{"type": "image"}, {"type": "text", "text": QUESTIONS[0]}]
        text = tiny.processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True
        )
        inputs = tiny.processor(
            images=[load_image(picture)], text=[text], add_special_tokens=False, return_tensors="pt"
        )
        inputs.pop("labels", None)  # PaliGemma's
        assert inputs["input_ids"][0].tolist() == list(turn.prompt_ids)
        output = tiny.model.generate(**inputs, max_new_tokens=LONGEST, do_sample=False)
        own = tiny.tokenizer.decode(output[0, len(turn.prompt_ids) :], skip_special_tokens=True).strip()
        assert ask(tiny, [turn]) == [own]


def test_the_picture_reaches_the_answer(tiny, turns):
    scores = torch.tensor(token_log_probs(tiny, turns, batch_size=8))
    per_picture = scores[:: len(QUESTIONS)]
    assert all((one - other).abs().max() > 1e-3 for one, other in pairwise(per_picture))


def test_spans_cover_the_answer_and_the_last_token_ends_the_turn(tiny, turns):
    for turn in turns:
        covered = {position for start, end in turn.spans for position in range(start, end)}
        assert covered == set(range(len("This is Ann.")))
        assert turn.spans[-1] == (0, 0)
        assert turn.answer_ids[-1] in tiny.model.generation_config.eos_token_id


def ask(vlm, turns):
    return generate(vlm, turns, max_new_tokens=LONGEST, batch_size=8)
