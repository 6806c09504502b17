"""LoRA's lean layer against peft's own: outputs, gradients, and where it stands back."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn

from siu.models.engine.lean_lora import LeanLinear, make_lean, make_plain


def two_layers(**options):
    """Return two linear layers, the second with a bias, under a LoRA adapter that is not the identity."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(12, 20, bias=False), nn.Tanh(), nn.Linear(20, 6))
    peft_model = get_peft_model(model, LoraConfig(r=3, lora_alpha=7, target_modules=["0", "2"], **options))
    for name, parameter in peft_model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter)
    return peft_model


def run(model, inputs):
    """Return the outputs and the gradients of inputs and adapter."""
    inputs = inputs.clone().requires_grad_()
    outputs = model(inputs)
    trained = [one for one in model.parameters() if one.requires_grad]
    return [outputs, *torch.autograd.grad(outputs.square().sum(), [inputs, *trained])]


def lean_layers(model):
    return sum(isinstance(module, LeanLinear) for module in model.modules())


@pytest.fixture
def inputs():
    return torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(1))


def test_outputs_and_gradients_are_those_of_peft(inputs):
    model = two_layers()
    theirs = run(model, inputs)
    make_lean(model)
    assert lean_layers(model) == 2
    torch.testing.assert_close(run(model, inputs), theirs)
    with torch.no_grad():
        torch.testing.assert_close(model(inputs), theirs[0])


def test_the_derivative_is_right_in_double_precision(inputs):
    model = two_layers().double()
    make_lean(model)
    assert torch.autograd.gradcheck(model, inputs.double().requires_grad_())


def test_peft_decides_where_the_adapter_is_off(inputs):
    model = two_layers()
    make_lean(model)
    with model.disable_adapter():
        off = model(inputs)
    with torch.no_grad():
        torch.testing.assert_close(off, model.unload()(inputs), rtol=0, atol=0)


def test_peft_drops_out_while_dropout_is_on(inputs):
    model = two_layers(lora_dropout=0.5)
    make_lean(model)
    assert not torch.equal(model.train()(inputs), model(inputs))
    assert torch.equal(model.eval()(inputs), model(inputs))


def test_layers_of_another_kind_stay_as_they_are():
    assert lean_layers(two_layers(use_dora=True)) == 0
    mixed = two_layers()
    mixed.base_model.model[0].base_layer.bfloat16()
    make_lean(mixed)
    assert lean_layers(mixed) == 1


def test_the_way_back(inputs):
    model = two_layers()
    theirs = run(model, inputs)
    make_lean(model)
    make_plain(model)
    assert lean_layers(model) == 0
    assert all(map(torch.equal, run(model, inputs), theirs))
