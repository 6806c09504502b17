"""What is trained in every architecture, and that the reference stays the base model whatever is."""

import pytest
import torch
from peft import PeftModel
from PIL import Image

from siu.config.params import BaseModelParams, LoraParams, UnlearningParams
from siu.errors import ModelError
from siu.models import (
    Turn,
    TurnEncoder,
    load_model,
    loaded_adapter,
    new_adapter,
    save_adapter,
    token_log_probs,
)
from siu.models.adapters import parameter_groups
from siu.models.architectures import ARCHITECTURES
from siu.models.engine.features import adds_to_base
from siu.models.engine.forward import answer_logits
from siu.models.trained_parts import find_trained_parts
from tests.siu.models.tiny import build

LORA = LoraParams(rank=4, alpha=8)
VISION = LORA.model_copy(update={"vision": True})


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def folder(request, tmp_path_factory):
    return build(request.param, tmp_path_factory.mktemp(request.param))


def load(folder):
    return load_model(BaseModelParams(source=str(folder)))


@pytest.fixture(scope="module")
def tiny(folder):
    return load(folder)


@pytest.fixture(scope="module")
def turns(tiny, tmp_path_factory):
    folder, encoder = tmp_path_factory.mktemp("shown"), TurnEncoder(tiny)
    for angle in (0, 90):
        Image.linear_gradient("L").rotate(angle).resize((48, 32)).convert("RGB").save(folder / f"{angle}.png")
    return [encoder.encode(Turn("Who?", "Ann Lee.", picture)) for picture in sorted(folder.iterdir())]


def scores(vlm, turns):
    return torch.tensor(token_log_probs(vlm, turns, batch_size=2))


def trained(peft_model):
    return {name: one for name, one in peft_model.named_parameters() if one.requires_grad}


def test_lora_is_on_the_language_model_alone_unless_more_is_asked_for(tiny):
    parts = find_trained_parts(tiny.model, tiny.architecture, LORA)
    layers = tiny.model.config.get_text_config().num_hidden_layers
    assert len(parts.lora) == len(LORA.targets) * layers
    assert all(name.startswith(tiny.architecture.language_model) for name in parts.lora)
    with new_adapter(tiny, LORA, seed=0) as peft_model:
        names = trained(peft_model)
    assert len(names) == 2 * len(parts.lora)
    assert not any(tiny.architecture.vision_tower in name for name in names)


@pytest.mark.parametrize(("lora", "projector"), [(LORA, "full"), (VISION, "lora")], ids=["full", "all_lora"])
def test_what_is_trained_moves_saves_and_leaves_the_reference_alone(
    tiny, folder, turns, lora, projector, tmp_path
):
    if projector == "lora" and tiny.architecture.name == "Gemma3":
        projector = "frozen"  # one matrix and no linear layer: see below
    if tiny.architecture.name == "FastVLM":
        lora = LORA  # a tower of convolutions: see below
    base = scores(tiny, turns)
    with new_adapter(tiny, lora, seed=0, projector=projector) as peft_model:
        torch.testing.assert_close(scores(tiny, turns), base)
        answer_logits(tiny, turns).square().mean().backward()
        beyond = [
            one for name, one in trained(peft_model).items() if tiny.architecture.language_model not in name
        ]
        assert any(one.grad is not None and one.grad.abs().sum() > 0 for one in beyond)
        with torch.no_grad():
            for number, one in enumerate(beyond):
                one.add_(torch.randn(one.shape, generator=torch.Generator().manual_seed(number)))
        after = scores(tiny, turns)
        assert not torch.allclose(after, base, atol=1e-2)
        with peft_model.disable_adapter():
            torch.testing.assert_close(scores(tiny, turns), base)
        save_adapter(peft_model, tmp_path, base="tiny", digest="0")
    torch.testing.assert_close(scores(tiny, turns), base)
    with loaded_adapter(tiny, tmp_path):
        torch.testing.assert_close(scores(tiny, turns), after)
    plain = load(folder)
    PeftModel.from_pretrained(plain.model, tmp_path)
    torch.testing.assert_close(scores(plain, turns), after)


def test_gradient_checkpointing_leaves_the_gradient_unchanged(tiny, turns):
    lora = LORA if tiny.architecture.name == "FastVLM" else VISION
    gradients = []
    for on in (False, True):
        with new_adapter(tiny, lora, seed=0, gradient_checkpointing=on) as peft_model:
            answer_logits(tiny, turns).square().mean().backward()
            gradients.append(
                [one.grad.clone() for one in trained(peft_model).values() if one.grad is not None]
            )
    torch.testing.assert_close(gradients[1], gradients[0])
    assert not any(module.training for module in tiny.model.modules())


def test_a_full_projector_has_a_rate_of_its_own(vlm):
    params = UnlearningParams(lr=1e-2, projector="full", projector_lr=1e-4)
    layers = len(find_trained_parts(vlm.model, vlm.architecture, LORA).lora)
    with new_adapter(vlm, LORA, seed=0, projector="full") as peft_model:
        groups = {group["lr"]: len(group["params"]) for group in parameter_groups(peft_model, params)}
    assert groups == {1e-2: 2 * layers, 1e-4: 4}  # two linear layers with a bias each


def test_b_learns_at_a_rate_of_its_own(vlm):
    params = UnlearningParams(lr=1e-3, lora=LoraParams(rank=2, alpha=4, lr_ratio=8.0), projector="lora")
    with new_adapter(vlm, params.lora, seed=0, projector="lora") as peft_model:
        names = {id(parameter): name for name, parameter in peft_model.named_parameters()}
        groups = parameter_groups(peft_model, params)
    rates = {(names[id(one)].split(".")[-3], group["lr"]) for group in groups for one in group["params"]}
    assert rates == {("lora_A", 1e-3), ("lora_B", 8e-3)}
    assert sum(len(group["params"]) for group in groups) == sum("lora_" in name for name in names.values())


def test_a_full_projector_learns_in_float32_within_a_bfloat16_model(vlm, picture):
    half = load_model(BaseModelParams(dtype="bfloat16"))
    turn = TurnEncoder(half).encode(Turn("Who?", "Ann Lee.", picture))
    with new_adapter(half, LORA, seed=0, projector="full") as peft_model:
        answer_logits(half, [turn]).float().square().mean().backward()
        assert {one.dtype for one in trained(peft_model).values()} == {torch.float32}


def test_a_kind_that_matches_nothing_is_refused_and_the_others_are_named(vlm):
    with pytest.raises(ModelError, match=r"E-MOD-020.*w_proj.*down_proj"):
        find_trained_parts(vlm.model, vlm.architecture, LoraParams(targets=("q_proj", "w_proj")))


def test_a_kind_of_the_vision_tower_alone_is_no_target(vlm):
    with pytest.raises(ModelError, match=r"E-MOD-020.*fc1"):
        find_trained_parts(vlm.model, vlm.architecture, LoraParams(targets=("fc1",)))


def test_lora_needs_a_linear_layer_in_the_projector(tmp_path):
    gemma = load(build("gemma3", tmp_path))
    with pytest.raises(ModelError, match="E-MOD-023"):
        find_trained_parts(gemma.model, gemma.architecture, LORA, "lora")


def test_lora_needs_a_linear_layer_in_the_vision_tower(tmp_path):
    convolutional = load(build("fast_vlm", tmp_path))
    with pytest.raises(ModelError, match="E-MOD-030"):
        find_trained_parts(convolutional.model, convolutional.architecture, VISION)


@pytest.mark.parametrize(("share", "first"), [(1.0, 0), (0.75, 1), (0.5, 2), (0.26, 2), (0.01, 3)])
def test_a_share_of_the_layers_is_counted_from_the_last(vlm, share, first):
    names = find_trained_parts(vlm.model, vlm.architecture, LoraParams(layer_share=share)).language_model
    assert {int(name.split(".")[3]) for name in names} == set(range(first, 4))


def test_a_rank_above_a_layers_size_is_refused(vlm):
    with pytest.raises(ModelError, match="E-MOD-024"):
        find_trained_parts(vlm.model, vlm.architecture, LoraParams(rank=4096))


def test_features_are_kept_before_what_is_trained(vlm, picture):
    def frozen():
        return vlm.features.features([picture])[0]

    before = frozen()
    assert frozen() is before
    with new_adapter(vlm, LORA, seed=0, projector="full") as peft_model:
        assert frozen().requires_grad
        next(one for name, one in trained(peft_model).items() if "modules_to_save" in name).data.add_(1)
        assert not torch.allclose(frozen(), before, atol=1e-2)
        assert vlm.features.supported
    with new_adapter(vlm, VISION, seed=0):
        assert not vlm.features.supported
    assert frozen() is before
    assert not any(adds_to_base(name) for name, _ in vlm.model.named_parameters())
