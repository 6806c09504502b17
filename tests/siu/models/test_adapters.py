import json

import pytest
import safetensors.torch
import torch

from siu.config.params import BaseModelParams, LoraParams
from siu.errors import ModelError
from siu.models import Turn, load_model, loaded_adapter, new_adapter, save_adapter, token_log_probs
from siu.models.merged import merged_adapter
from tests.siu.models.tiny import build

LORA = LoraParams(rank=4, alpha=8)


@pytest.fixture
def scores(vlm, encoder, pictures):
    turns = [encoder.encode(Turn("Who is this?", "This is Ann.", picture)) for picture in pictures[:3]]
    return lambda: torch.tensor(token_log_probs(vlm, turns, batch_size=8))


def trained(vlm, folder, seed=0):
    """Save an adapter that changes the model."""
    with new_adapter(vlm, LORA, seed=seed) as peft_model:
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name:
                parameter.data.normal_(0, 0.2, generator=generator)
        save_adapter(peft_model, folder, base="embedded", digest="0")
    return folder


def test_a_fresh_adapter_changes_nothing(vlm, scores):
    before = scores()
    with new_adapter(vlm, LORA, seed=0):
        assert torch.equal(scores(), before)


def test_after_an_adapter_the_base_model_is_as_it_was(vlm, scores, tmp_path):
    before, names = scores(), [name for name, _ in vlm.model.named_modules()]
    with loaded_adapter(vlm, trained(vlm, tmp_path)):
        assert not torch.allclose(scores(), before, atol=1e-2)
    assert torch.equal(scores(), before)
    assert [name for name, _ in vlm.model.named_modules()] == names
    assert not any(parameter.requires_grad for parameter in vlm.model.parameters())


def test_equal_adapters_have_equal_bytes_and_no_local_path(vlm, tmp_path):
    files = [sorted(trained(vlm, tmp_path / run).iterdir()) for run in ("a", "b")]
    for left, right in zip(*files, strict=True):
        assert left.read_bytes() == right.read_bytes()
        assert str(tmp_path).encode() not in left.read_bytes()


def test_the_card_says_what_it_is_and_not_what_it_forgets(vlm, collection, tmp_path):
    card = (trained(vlm, tmp_path) / "README.md").read_text()
    size = sum(
        one.numel() for one in safetensors.torch.load_file(tmp_path / "adapter_model.safetensors").values()
    )
    assert "base_model: embedded" in card
    assert f"| {size} |" in card
    assert "`model.language_model.layers.*.self_attn.q_proj`" in card
    assert not any(name in card for concept in collection.concepts for name in (concept.name, concept.id))


def test_plain_peft_loads_it(vlm, scores, tmp_path):
    from peft import PeftModel

    folder = trained(vlm, tmp_path)
    with loaded_adapter(vlm, folder):
        ours = scores()
    peft_model = PeftModel.from_pretrained(vlm.model, folder)
    try:
        torch.testing.assert_close(scores(), ours, rtol=0, atol=1e-5)
    finally:
        peft_model.unload()


def test_a_folder_without_an_adapter_is_refused(vlm, tmp_path):
    with pytest.raises(ModelError, match="E-MOD-021"), loaded_adapter(vlm, tmp_path):
        pass


@pytest.mark.parametrize("use", [loaded_adapter, merged_adapter])
def test_another_models_adapter_is_refused_and_leaves_the_model_as_it_was(use, vlm, scores, tmp_path):
    tiny = load_model(BaseModelParams(source=str(build("llava", tmp_path / "tiny"))))
    before, modules = scores(), dict(vlm.model.named_modules())
    with (
        pytest.raises(ModelError, match=r"E-MOD-025.*size mismatch for .*q_proj"),
        use(vlm, trained(tiny, tmp_path / "adapter")),
    ):
        pass
    assert dict(vlm.model.named_modules()) == modules
    assert not hasattr(vlm.model, "peft_config")
    assert torch.equal(scores(), before)


@pytest.mark.parametrize("use", [loaded_adapter, merged_adapter])
def test_a_torn_adapter_is_refused_and_leaves_the_model_as_it_was(use, vlm, scores, tmp_path):
    before, modules = scores(), dict(vlm.model.named_modules())
    weights = trained(vlm, tmp_path) / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="E-MOD-029"), use(vlm, tmp_path):
        pass
    assert dict(vlm.model.named_modules()) == modules
    assert torch.equal(scores(), before)
    with new_adapter(vlm, LORA, seed=0):
        assert torch.equal(scores(), before)


def test_a_part_that_was_trained_in_full_is_put_back_however_peft_names_it(vlm, scores, tmp_path):
    before, names = scores(), [name for name, _ in vlm.model.named_modules()]
    with new_adapter(vlm, LORA, seed=0, projector="full") as peft_model:
        for name, parameter in peft_model.named_parameters():
            if ".modules_to_save." in name:
                parameter.data.mul_(1.5)
        save_adapter(peft_model, tmp_path, base="embedded", digest="0")
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    (whole,) = config["modules_to_save"]
    config["modules_to_save"] = [whole.rpartition(".")[2]]
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    with merged_adapter(vlm, tmp_path) as merged:
        assert merged.features is not vlm.features
    assert [name for name, _ in vlm.model.named_modules()] == names
    vlm.drop_inputs()
    assert torch.equal(scores(), before)


def test_an_adapter_with_nan_is_refused(vlm, tmp_path):
    with new_adapter(vlm, LORA, seed=0) as peft_model:
        next(parameter for name, parameter in peft_model.named_parameters() if "lora_A" in name).data[0] = (
            torch.nan
        )
        save_adapter(peft_model, tmp_path, base="embedded", digest="0")
    for use in (loaded_adapter, merged_adapter):
        with pytest.raises(ModelError, match="E-MOD-022"), use(vlm, tmp_path):
            pass
