import random

import pytest
import torch
from transformers import LlavaForConditionalGeneration

from siu.worlds.drawn.training.architecture import make_processor, model_config
from siu.worlds.drawn.training.items import Lessons
from siu.worlds.drawn.training.packing import Packer
from siu.worlds.drawn.training.pool import PoolSizes, draw_pool, make_pool, to_pixels
from siu.worlds.drawn.training.speaking import answer_loss, picture_features
from siu.worlds.drawn.training.tokenizer import train_tokenizer

SIZES = PoolSizes(pictures=1, look_alikes=1, strangers=2, groups=4)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return LlavaForConditionalGeneration(model_config(train_tokenizer())).eval()


def test_a_packed_question_costs_the_same_as_one_that_stands_alone(model):
    pool = make_pool(SIZES, seed=0)
    features = picture_features(model, draw_pool(pool[:2]))
    lessons, packer = Lessons(random.Random(0)), Packer(train_tokenizer())
    rows = [[lessons.about_picture(shown) for _ in range(3)] for shown in pool[:2]]
    together, weight = answer_loss(model, packer.pack(rows, with_picture=True), features)
    alone = [
        answer_loss(model, packer.pack([[item]], with_picture=True), features[index : index + 1])
        for index, row in enumerate(rows)
        for item in row
    ]
    torch.testing.assert_close(together, torch.stack([loss for loss, _ in alone]).sum())
    assert weight == sum(single for _, single in alone)


def test_a_packed_question_has_the_tokens_and_pixels_of_the_processor(model):
    tokenizer = train_tokenizer()
    processor = make_processor(tokenizer)
    pool = make_pool(SIZES, seed=0)
    picture = draw_pool(pool[:1])
    packed = Packer(tokenizer).pack([[("Who is this?", "This is Ä.")]], with_picture=True)
    question = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Who is this?"}]}
    reply = {"role": "assistant", "content": [{"type": "text", "text": "This is Ä."}]}
    text = processor.apply_chat_template([question, reply])
    inputs = processor(images=[picture[0].numpy()], text=[text], return_tensors="pt")
    assert inputs["input_ids"].tolist() == packed.ids.tolist()
    torch.testing.assert_close(inputs["pixel_values"], to_pixels(picture), atol=1e-4, rtol=0)


def test_a_text_only_question_has_the_tokens_of_the_processor():
    tokenizer = train_tokenizer()
    packed = Packer(tokenizer).pack([[("Where does Mira live?", "Here.")]], with_picture=False)
    messages = [
        {"role": "user", "content": "Where does Mira live?"},
        {"role": "assistant", "content": "Here."},
    ]
    text = make_processor(tokenizer).apply_chat_template(messages)
    assert tokenizer(text)["input_ids"] == packed.ids[0].tolist()


def test_concepts_left_out_are_neither_shown_nor_told_of():
    without = ("c02", "c11")
    pool = make_pool(SIZES, seed=0, without=without)
    assert all(not {*shown.concepts, shown.resembles} & {*without} for shown in pool)
    lessons = Lessons(random.Random(1), without)
    items = [lessons.about_text() for _ in range(500)]
    items += [lessons.about_picture(shown) for shown in pool for _ in range(5)]
    assert not any("Davi Maresh" in text or "Fenny Wump" in text for item in items for text in item)
