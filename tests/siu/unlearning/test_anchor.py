"""The penalty is what the adapter's change does to the layers' outputs, as a share of what the layers do."""

import pytest
import torch

from siu.config.params import LoraParams
from siu.models import Turn, TurnEncoder, new_adapter
from siu.models.engine.forward import pad
from siu.models.engine.plain_inputs import plain_inputs
from siu.unlearning.anchor import Anchor, adapted_layers
from siu.unlearning.moments import second_moments, summed

LORA = LoraParams(rank=2, alpha=4, targets=("q_proj", "down_proj"))


@pytest.fixture
def peft_model(vlm):
    with new_adapter(vlm, LORA, seed=0) as model:
        for layer in dict(adapted_layers(model)).values():
            layer.lora_B["default"].weight.data.normal_(0, 0.1)
        yield model


def test_moments_are_the_mean_of_the_inputs_of_all_tokens(vlm, peft_model, data, paths):
    name, layer = next(iter(adapted_layers(peft_model)))
    rows = []
    hook = layer.register_forward_pre_hook(lambda _, inputs: rows.append(inputs[0][0]))
    for sample in data.samples:
        if sample.forget:
            turn = TurnEncoder(vlm).encode(Turn(sample.question, sample.answer, paths[sample.picture]))
            ids, mask = pad([(*turn.prompt_ids, *turn.answer_ids)], side="right", device=vlm.device)
            inputs = plain_inputs(vlm, [turn], ids, mask, answered=True)
            with torch.no_grad():
                vlm.model(input_ids=ids, attention_mask=mask, use_cache=False, **inputs)
    hook.remove()
    given = torch.cat(rows)
    found = second_moments(vlm, peft_model, [data], paths, batch_size=7)
    assert len(found) == 2 * vlm.layer_count
    torch.testing.assert_close(found[name], given.T @ given / len(given), rtol=1e-3, atol=1e-4)


def test_the_penalty_equals_a_sum_over_inputs(peft_model):
    name, layer = next(iter(adapted_layers(peft_model)))
    given = torch.randn(9, layer.in_features, generator=torch.Generator().manual_seed(0))
    anchor = Anchor(peft_model, {name: given.T @ given}, weight=3.0)
    assert anchor.backward() == 0.0
    high = layer.lora_B["default"].weight
    assert not high.grad.any(), "an adapter that is where it was is not pulled"
    change = torch.zeros_like(high.data)
    change[0] = 0.5
    high.data += change
    low = layer.lora_A["default"].weight.detach()
    moved = [2.0 * (change @ (low @ row)) for row in given]  # alpha / rank
    through = [layer.base_layer.weight @ row for row in given]
    share = sum(float(one @ one) for one in moved) / sum(float(one @ one) for one in through)
    assert anchor.backward() == pytest.approx(share, rel=1e-4)
    assert high.grad.any()


def test_layers_without_moments_are_free(peft_model):
    assert not Anchor(peft_model, {}, weight=1.0).holds


def test_sums_hold_the_layers_of_both():
    one, two = {"a": torch.ones(1, 1)}, {"a": torch.ones(1, 1), "b": torch.ones(1, 1)}
    assert {name: float(value) for name, value in summed(one, two).items()} == {"a": 2.0, "b": 1.0}


def test_the_penalty_of_low_rank_equals_that_of_the_whole_change(peft_model):
    layers = dict(adapted_layers(peft_model))
    moments = {}
    generator = torch.Generator().manual_seed(0)
    for name, layer in layers.items():
        given = torch.randn(20, layer.in_features, generator=generator)
        moments[name] = given.T @ given
    before = {name: whole(layer) for name, layer in layers.items()}
    anchor = Anchor(peft_model, moments, weight=3.0)
    for layer in layers.values():
        for part in (layer.lora_A["default"].weight, layer.lora_B["default"].weight):
            part.data += 0.1 * torch.randn(part.shape, generator=generator)
    value = anchor.backward()
    parts = [layer.lora_A["default"].weight for layer in layers.values()]
    gradients = [part.grad.clone() for part in parts]
    for part in parts:
        part.grad = None
    shares = []
    for name, layer in layers.items():
        change, weight, moment = whole(layer) - before[name].detach(), layer.base_layer.weight, moments[name]
        shares.append(torch.trace(change @ moment @ change.T) / torch.trace(weight @ moment @ weight.T))
    mean = torch.stack(shares).mean()
    (3.0 * mean).backward()
    assert value == pytest.approx(mean.item(), rel=1e-4)
    for part, gradient in zip(parts, gradients, strict=True):
        torch.testing.assert_close(part.grad, gradient, rtol=1e-3, atol=1e-6)


def whole(layer):
    return layer.scaling["default"] * (layer.lora_B["default"].weight @ layer.lora_A["default"].weight)
