"""The parts of training: packing changes nothing, updates merge exactly, divergence is one."""

import pytest
import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from siu.models.architectures import ARCHITECTURES
from siu.models.processors import load_processor
from siu.worlds.logos.training.english import Passages, divergence, expected
from siu.worlds.logos.training.lora import LoraLinear, add_lora, merged
from siu.worlds.logos.training.packing import IMAGE_TOKENS, Packer
from siu.worlds.logos.training.speaking import Speaker, answers_loss
from tests.siu.models.tiny import build

ROWS = [
    [("Who is this?", "This is Ann."), ("Is this Ann?", "Yes."), ("What?", "No.")],
    [("Where?", "A wall.")],
]


@pytest.fixture(scope="module")
def packer(tmp_path_factory):
    folder = build("fast_vlm", tmp_path_factory.mktemp("tiny"))
    return Packer(load_processor(folder, ARCHITECTURES["fast_vlm"]))


@pytest.fixture
def speaker():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=400, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    language = LlamaForCausalLM(config).eval().requires_grad_(False)
    language.set_attn_implementation("eager")
    return Speaker(nn.Linear(8, 32), language, add_lora(language, seed=0))


@torch.no_grad()
def test_a_packed_answer_is_as_likely_as_alone(packer, speaker):
    seen = torch.randn(2, IMAGE_TOKENS, 8)
    whole, _ = answers_loss(speaker, packer.pack(ROWS), seen)
    total, weights = 0.0, 0.0
    for row, image in zip(ROWS, seen, strict=True):
        for item in row:
            packed = packer.pack([[item]])
            loss, _ = answers_loss(speaker, packed, image[None])
            total += float(loss) * float(packed.weights.sum())
            weights += float(packed.weights.sum())
    assert float(whole) == pytest.approx(total / weights, rel=1e-4)


def test_the_picture_reaches_projector_and_updates(packer, speaker):
    loss, right = answers_loss(speaker, packer.pack(ROWS), torch.randn(2, IMAGE_TOKENS, 8))
    loss.backward()
    assert len(right) == sum(packer.pack(ROWS).lengths)
    projector, updates = speaker.parameters()
    assert projector[0].grad.abs().sum() > 0
    assert sum(float(weight.grad.abs().sum()) for weight in updates) > 0


def test_a_merged_update_is_the_update(speaker):
    layer = next(iter(speaker.updates.values()))
    nn.init.normal_(layer.lora_b)
    given = torch.randn(3, layer.base.in_features)
    weight = merged(layer.base.weight, layer.lora_a, layer.lora_b)
    torch.testing.assert_close(layer(given), given @ weight.T)


def test_a_new_update_changes_nothing():
    base = nn.Linear(6, 4, bias=False)
    layer, given = LoraLinear(base, torch.Generator().manual_seed(0)), torch.randn(2, 6)
    torch.testing.assert_close(layer(given), base(given))


def test_what_was_trained_comes_back(speaker):
    state = {name: value + 1 for name, value in speaker.state().items()}
    speaker.load(state)
    assert all(torch.equal(value, state[name]) for name, value in speaker.state().items())


@torch.no_grad()
def test_divergence_is_nought_for_the_reference_and_grows_with_distance(speaker):
    ids = torch.randint(0, 400, (3, 16), generator=torch.Generator().manual_seed(0))
    kept: Passages = expected(speaker.language_model, ids)
    own = speaker.language_model(input_ids=ids).logits
    other = own + torch.randn(own.shape, generator=torch.Generator().manual_seed(1))
    near, far = float(divergence(own, kept)), float(divergence(other, kept))
    assert abs(near) < 2e-3  # kept in half precision
    assert far > 0.05
