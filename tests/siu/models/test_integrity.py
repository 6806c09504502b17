"""A base model that isn't whole is refused by one coded line, before any weight is read where that can be."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from siu.config.params import BaseModelParams, LoraParams, RuntimeParams, UnlearningParams
from siu.errors import ModelError
from siu.models import load_model
from siu.models.preview import preview
from tests.siu.models.tiny import build

ON_CPU = RuntimeParams(device="cpu")
UNLEARNING = UnlearningParams(lora=LoraParams(rank=2, alpha=4))
WEIGHTS = "model.safetensors"
Break = Callable[[Path], None]


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("llava", tmp_path_factory.mktemp("llava"))


@pytest.fixture
def folder(llava: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llava, tmp_path / "copy"))


def preflight(folder: Path) -> None:
    preview(BaseModelParams(source=str(folder)), UNLEARNING, ON_CPU)


def load(folder: Path) -> None:
    load_model(BaseModelParams(source=str(folder)))


def changed_json(file: str, **values: Any) -> Break:
    def change(folder: Path) -> None:
        content = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(_merged(content, values)))

    return change


def _merged(content: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return JSON with values replaced, also in objects within; None takes a key away."""
    whole = content | {
        key: _merged(content[key], value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    return {key: value for key, value in whole.items() if value is not None}


def changed_weights(change: Callable[[dict[str, torch.Tensor]], None]) -> Break:
    def write(folder: Path) -> None:
        weights = load_file(folder / WEIGHTS)
        change(weights)
        save_file(weights, folder / WEIGHTS, {"format": "pt"})

    return write


def without_a_layer(weights: dict[str, torch.Tensor]) -> None:
    for name in [name for name in weights if "layers.1." in name]:
        del weights[name]


def with_another_tensor(weights: dict[str, torch.Tensor]) -> None:
    weights["language_model.model.layers.9.up"] = torch.zeros(3)


def with_another_size(weights: dict[str, torch.Tensor]) -> None:
    name = next(name for name in weights if name.endswith("up_proj.weight"))
    weights[name] = weights[name][:-1].clone()


def torn(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-100])


def lengthened(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes() + b"0000")


def pointer(name: str) -> Break:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"
    return lambda folder: (folder / name).write_text(text) and None


def pickled(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")


def written(name: str, text: str) -> Break:
    return lambda folder: (folder / name).write_text(text) and None


def sharded(folder: Path, name: str = "a.safetensors", **more: str) -> None:
    """Put the weights into a shard with an index."""
    names = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).rename(folder / name)
    index = {"metadata": {}, "weight_map": {**dict.fromkeys(names, name), **more}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def a_shard_outside(folder: Path) -> None:
    sharded(folder, "../out.safetensors")


def a_shard_missing(folder: Path) -> None:
    sharded(folder, zz="b.safetensors")


def a_tensor_missing(folder: Path) -> None:
    sharded(folder, zz="a.safetensors")


def a_bare_index(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "a.safetensors")
    (folder / "model.safetensors.index.json").write_text("[]")


BEFORE_WEIGHTS: dict[str, tuple[Break, str]] = {
    "a torn file": (torn, r"E-MOD-031.*model\.safetensors is torn"),
    "a file that is too long": (lengthened, "E-MOD-031"),
    "a pointer as weights": (pointer(WEIGHTS), r"E-MOD-042.*Git-LFS pointer.*git lfs pull"),
    "a pointer as tokenizer": (pointer("tokenizer.json"), r"E-MOD-042.*tokenizer\.json"),
    "a pickle": (pickled, r"E-MOD-005.*pytorch_model\.bin.*save_pretrained"),
    "a shard outside the folder": (a_shard_outside, r"E-MOD-031.*'\.\./out\.safetensors'"),
    "a shard that is missing": (a_shard_missing, r"E-MOD-031.*b\.safetensors is missing"),
    "a tensor that its shard lacks": (a_tensor_missing, "E-MOD-031.*lacks 1 tensors.*zz"),
    "an index that is a list": (a_bare_index, "E-MOD-031.*weight_map"),
    "layers missing": (changed_weights(without_a_layer), "E-MOD-032.*missing from the file"),
    "a tensor of no layer": (changed_weights(with_another_tensor), "E-MOD-032.*unknown to the model"),
    "a tensor of another size": (changed_weights(with_another_size), "E-MOD-032.*of another size"),
    "a vocabulary larger than its embeddings": (
        changed_json("config.json", text_config={"vocab_size": 999}),
        "E-MOD-032.*of another size",
    ),
    "a vocabulary smaller than the tokenizer": (
        changed_json("config.json", text_config={"vocab_size": 300}),
        "E-MOD-(014|034)",
    ),
    "a negative size": (
        changed_json("config.json", text_config={"hidden_size": -4}),
        "E-MOD-036.*negative",
    ),
    "a word for a number": (changed_json("config.json", text_config={"num_hidden_layers": "two"}), "E-MOD"),
    "no additional image token": (
        changed_json("processor_config.json", num_additional_image_tokens=0),
        "E-MOD-035.*3 image tokens.*4 features",
    ),
    "a doubled patch size": (
        changed_json("processor_config.json", patch_size=16),
        "E-MOD-035.*1 image tokens.*4 features",
    ),
    "no patch size": (changed_json("processor_config.json", patch_size=None), "E-MOD-014.*patch_size"),
    "an empty tokenizer": (written("tokenizer.json", "{}"), "E-MOD-014"),
    "a tokenizer that is a list": (written("tokenizer.json", "[]"), r"E-MOD-014.*tokenizer\.json.*a list"),
    "a processor that is a list": (
        written("processor_config.json", "[]"),
        r"E-MOD-014.*processor_config\.json",
    ),
    "a NUL byte": (written("tokenizer_config.json", "\0"), r"E-MOD-014.*tokenizer_config\.json"),
    "a template that blows up": (written("chat_template.jinja", "{{ 1 // 0 }}"), "E-MOD-014.*prompt"),
}


@pytest.mark.parametrize("check", [preflight, load])
@pytest.mark.parametrize("fault", BEFORE_WEIGHTS)
def test_what_is_broken_is_refused_in_preflight_and_when_loaded(
    fault: str, check: Break, folder: Path
) -> None:
    change, message = BEFORE_WEIGHTS[fault]
    change(folder)
    with pytest.raises(ModelError, match=message) as caught:
        check(folder)
    assert "\n" not in str(caught.value), "one line"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_one_weight_that_is_no_number_is_refused(value: float, folder: Path) -> None:
    def spoil(weights: dict[str, torch.Tensor]) -> None:
        weights[next(name for name in weights if name.endswith("down_proj.weight"))][3, 2] = value

    changed_weights(spoil)(folder)
    with pytest.raises(ModelError, match=r"E-MOD-033.*down_proj.*NaN or infinity"):
        load(folder)


def test_tied_weights_that_are_stored_once_are_whole(folder: Path) -> None:
    def untie(weights: dict[str, torch.Tensor]) -> None:
        del weights[next(name for name in weights if "lm_head" in name)]

    changed_weights(untie)(folder)
    with pytest.raises(ModelError, match=r"E-MOD-032.*lm_head"):
        load(folder)
    changed_json("config.json", tie_word_embeddings=True, text_config={"tie_word_embeddings": True})(folder)
    load(folder)


def test_shards_within_the_folder_are_whole(folder: Path) -> None:
    sharded(folder)
    preflight(folder)
    load(folder)


def test_a_vocabulary_padded_to_a_multiple_is_fine(folder: Path) -> None:
    def pad(weights: dict[str, torch.Tensor]) -> None:
        for name in [name for name in weights if "embed_tokens" in name or "lm_head" in name]:
            rows, columns = weights[name].shape
            weights[name] = torch.cat([weights[name], torch.zeros(384 - rows, columns)])

    changed_weights(pad)(folder)
    changed_json("config.json", text_config={"vocab_size": 384})(folder)
    preflight(folder)
    load(folder)
