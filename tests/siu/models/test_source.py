import json

import pytest

from siu.config.params import BaseModelParams
from siu.errors import ModelError
from siu.models import check_config, model_digest, model_folder, public_name


def folder(tmp_path, *, weights="model.safetensors", **config):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llava"} | config))
    (tmp_path / weights).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("config", "weights", "code"),
    [
        ({"auto_map": {}}, "model.safetensors", "E-MOD-003"),
        ({"quantization_config": {}}, "model.safetensors", "E-MOD-004"),
        ({"vision_config": {}}, "pytorch_model.bin", r"E-MOD-005.*pytorch_model\.bin.*save_pretrained"),
        ({"vision_config": {}}, "other.safetensors", "E-MOD-005.*neither model.safetensors"),
        ({"vision_config": {}, "transformers_weights": "../x"}, "model.safetensors", "E-MOD-005"),
        ({"vision_config": {}}, "model.safetensors", "E-MOD-031.*torn"),
        ({"model_type": "llama"}, "model.safetensors", "E-MOD-006"),
        ({"model_type": "mllama"}, "model.safetensors", "E-MOD-006"),
        ({}, "model.safetensors", "E-MOD-013.*no vision tower"),
        ({"vision_config": {"model_type": "pixtral"}}, "model.safetensors", "E-MOD-013.*pixtral"),
    ],
)
def test_a_model_that_cannot_be_used_is_refused_before_its_weights_are_read(tmp_path, config, weights, code):
    with pytest.raises(ModelError, match=code):
        check_config(folder(tmp_path, weights=weights, **config))


def test_a_folder_without_configuration_is_refused(tmp_path):
    with pytest.raises(ModelError, match="E-MOD-002"):
        check_config(tmp_path)


@pytest.mark.parametrize("text", ["[]", "7", "", "\0", "{", "[" * 100_000])
def test_a_configuration_that_is_no_object_is_refused(tmp_path, text):
    (folder(tmp_path) / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"E-MOD-002.*config\.json"):
        check_config(tmp_path)


def test_an_empty_configuration_names_no_architecture(tmp_path):
    (folder(tmp_path) / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="E-MOD-006"):
        check_config(tmp_path)


@pytest.mark.parametrize("source", ["./nowhere", "/nowhere/at/all", "word", "a/b/c"])
def test_a_missing_folder_is_not_taken_for_a_hub_name(source):
    with pytest.raises(ModelError, match="E-MOD-001"):
        model_folder(BaseModelParams(source=source))


def test_only_a_hub_name_is_said_in_full():
    assert public_name(BaseModelParams(source="owner/model", revision="0" * 40)) == "owner/model"
    assert public_name(BaseModelParams(source="/home/somebody/llava")) == "llava"


def test_a_hub_name_needs_a_pinned_commit():
    with pytest.raises(ModelError, match="E-MOD-007"):
        model_folder(BaseModelParams(source="owner/model"))


def test_a_hub_model_that_is_not_there_says_so_offline():
    with pytest.raises(ModelError, match="E-MOD-008"):
        model_folder(BaseModelParams(source="owner/model", revision="0" * 40))


def test_the_digest_follows_the_content(tmp_path):
    first = model_digest(folder(tmp_path))
    (tmp_path / "notes.md").write_text("not part of the model")
    assert model_digest(tmp_path) == first
    (tmp_path / "model.safetensors").write_bytes(b"other")
    assert model_digest(tmp_path) != first
