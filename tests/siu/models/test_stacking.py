import json

import pytest
import torch
from safetensors.torch import load_file

from siu.config.params import LoraParams
from siu.errors import ModelError
from siu.models import Turn, loaded_adapter, new_adapter, save_adapter, token_log_probs
from siu.models.merged import merged_adapter
from siu.models.stacking import check_layers, stack_adapters
from siu.models.trained_parts import find_trained_parts

LOWER, UPPER = LoraParams(rank=4, alpha=8), LoraParams(rank=2, alpha=3)


def trained(vlm, folder, lora, seed, projector="frozen"):
    """Save an adapter that changes the model."""
    with new_adapter(vlm, lora, seed=seed, projector=projector) as peft_model:
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name or "modules_to_save" in name:
                parameter.data.add_(0.1 * torch.randn(parameter.shape, generator=generator))
        save_adapter(peft_model, folder, base="embedded", digest="0")
    return folder


def stacked(lower, upper, folder):
    stack_adapters(lower, upper, folder, base="embedded", digest="0")
    return folder


@pytest.mark.parametrize("projector", ["frozen", "lora", "full"])
def test_the_sum_answers_as_the_upper_one_does_on_the_lower_ones_model(
    vlm, encoder, pictures, tmp_path, projector
):
    turns = [encoder.encode(Turn("Who is this?", "This is Ann.", picture)) for picture in pictures[:3]]
    lower = trained(vlm, tmp_path / "lower", LOWER, 0, projector)
    with merged_adapter(vlm, lower) as merged:
        upper = trained(merged, tmp_path / "upper", UPPER, 1, projector)
        with loaded_adapter(merged, upper):
            expected = torch.tensor(token_log_probs(merged, turns, batch_size=8))
    before = torch.tensor(token_log_probs(vlm, turns, batch_size=8))
    with loaded_adapter(vlm, stacked(lower, upper, tmp_path / "both")):
        together = torch.tensor(token_log_probs(vlm, turns, batch_size=8))
    torch.testing.assert_close(together, expected, rtol=0, atol=1e-4)
    assert not torch.allclose(together, before, atol=1e-2)


def test_ranks_add_up_and_equal_adapters_give_equal_bytes(vlm, tmp_path):
    lower, upper = trained(vlm, tmp_path / "l", LOWER, 0), trained(vlm, tmp_path / "u", UPPER, 1)
    first, second = (stacked(lower, upper, tmp_path / name) for name in ("a", "b"))
    for left, right in zip(sorted(first.iterdir()), sorted(second.iterdir()), strict=True):
        assert left.read_bytes() == right.read_bytes()
    settings = json.loads((first / "adapter_config.json").read_text())
    assert (settings["r"], settings["lora_alpha"]) == (6, 6)
    tensors = load_file(first / "adapter_model.safetensors")
    assert {tensor.shape[0] for name, tensor in tensors.items() if "lora_A" in name} == {6}
    size = sum(tensor.numel() for tensor in tensors.values())
    assert f"| {size} |" in (first / "README.md").read_text()


def test_adapters_of_other_layers_are_refused(vlm, tmp_path):
    lower = trained(vlm, tmp_path / "l", LOWER, 0)
    upper = trained(vlm, tmp_path / "u", LoraParams(rank=2, alpha=2, targets=("q_proj",)), 1)
    with pytest.raises(ModelError, match="E-MOD-025"):
        stacked(lower, upper, tmp_path / "both")
    parts = find_trained_parts(vlm.model, vlm.architecture, LOWER, "frozen")
    check_layers(lower, parts)
    with pytest.raises(ModelError, match="E-MOD-025"):
        check_layers(upper, parts)


def test_a_projector_that_only_one_trains_in_full_is_refused_before_training(vlm, tmp_path):
    frozen, full = (trained(vlm, tmp_path / part, LOWER, 0, part) for part in ("frozen", "full"))
    parts = find_trained_parts(vlm.model, vlm.architecture, LOWER, "full")
    assert parts.projector_full
    check_layers(full, parts)
    with pytest.raises(ModelError, match=r"E-MOD-025.*projector"):
        check_layers(frozen, parts)
    with pytest.raises(ModelError, match=r"E-MOD-025.*projector"):
        check_layers(full, find_trained_parts(vlm.model, vlm.architecture, LOWER, "frozen"))
