"""An adapter that would be attached in part, or do nothing, is refused: with the model, and without."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from siu.config.params import BaseModelParams, LoraParams
from siu.errors import ModelError
from siu.models import VisionLanguageModel, loaded_adapter, new_adapter, save_adapter
from siu.models.adapter_integrity import CONFIG, WEIGHTS, AdapterBase, check_adapter_on
from siu.models.export import export_merged
from siu.models.source import model_folder

Weights = dict[str, torch.Tensor]
BASE = BaseModelParams()


@pytest.fixture(scope="module")
def whole(vlm: VisionLanguageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter of the embedded model that changes it."""
    folder = tmp_path_factory.mktemp("adapter")
    generator = torch.Generator().manual_seed(0)
    with new_adapter(vlm, LoraParams(rank=2, alpha=4), seed=0, projector="full") as peft_model:
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name:
                parameter.data.normal_(0, 0.2, generator=generator)
        save_adapter(peft_model, folder, base="embedded", digest=vlm.digest)
    return folder


@pytest.fixture
def adapter(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "adapter"))


def weights_changed(change: Callable[[Weights], Weights]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        save_file(change(load_file(folder / WEIGHTS)), folder / WEIGHTS, {"format": "pt"})

    return write


def config_changed(**values: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        content = json.loads((folder / CONFIG).read_text())
        (folder / CONFIG).write_text(json.dumps(content | values))

    return write


def config_written(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / CONFIG).write_text(text) and None


def renamed(weights: Weights) -> Weights:
    return {
        name.replace("model.language_model.layers", "model.layers"): value for name, value in weights.items()
    }


def without(part: str) -> Callable[[Weights], Weights]:
    return lambda weights: {name: value for name, value in weights.items() if part not in name}


def with_one_more(weights: Weights) -> Weights:
    name = next(name for name in weights if "layers.0." in name)
    return weights | {name.replace("layers.0.", "layers.99."): weights[name].clone()}


def of_another_rank(weights: Weights) -> Weights:
    return {name: value[:1].clone() if "lora_A" in name else value for name, value in weights.items()}


def zero(weights: Weights) -> Weights:
    whole_parts = without(".multi_modal_projector.")(weights)
    return {
        name: torch.zeros_like(value) if "lora_B" in name else value for name, value in whole_parts.items()
    }


def with_nan(weights: Weights) -> Weights:
    name = next(name for name in weights if "lora_B" in name)
    weights[name][0, 0] = torch.nan
    return weights


def pickled(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS), folder / "adapter_model.bin")
    (folder / WEIGHTS).unlink()


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "renamed": (weights_changed(renamed), "E-MOD-039.*attached in part.*missing.*have no place"),
    "half of the layers": (weights_changed(without("layers.1.")), r"E-MOD-039.*missing.*layers\.1\."),
    "no A": (weights_changed(without("lora_A")), "E-MOD-039.*lora_A"),
    "no B": (weights_changed(without("lora_B")), "E-MOD-039.*lora_B"),
    "no projector": (weights_changed(without("projector")), "E-MOD-0(39|25).*projector"),
    "one layer more": (weights_changed(with_one_more), "E-MOD-039.*no place.*layers.99"),
    "another rank": (weights_changed(of_another_rank), "E-MOD-025.*size mismatch"),
    "a rank that the file hasn't": (config_changed(r=5), "E-MOD-025.*size mismatch"),
    "zero": (weights_changed(zero), "E-MOD-040.*changes nothing"),
    "NaN": (weights_changed(with_nan), "E-MOD-022"),
    "pickled": (pickled, r"E-MOD-038.*adapter_model\.bin.*save_pretrained"),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), "E-MOD-029.*missing"),
    "torn": (lambda folder: (folder / WEIGHTS).write_bytes(b"torn") and None, "E-MOD-029.*torn"),
    "a list": (config_written("[]"), "E-MOD-037.*a list"),
    "nothing": (config_written("{}"), "E-MOD-037.*peft_type"),
    "NUL": (config_written("\0"), "E-MOD-037.*can't be read"),
    "a text for alpha": (config_changed(lora_alpha="32"), "E-MOD-037.*lora_alpha.*'32'"),
    "a rank below zero": (config_changed(r=-1), "E-MOD-037.*r: "),
    "a rank that is no number": (config_changed(r=True), "E-MOD-037.*r: "),
    "another kind of adapter": (config_changed(peft_type="IA3"), "E-MOD-037.*peft_type"),
    "targets that nothing has": (config_changed(target_modules=["nothing"]), "E-MOD-025"),
}


@pytest.fixture(params=["without the model", "attached", "merged"])
def use(
    request: pytest.FixtureRequest, vlm: VisionLanguageModel, tmp_path: Path
) -> Iterator[Callable[[Path], None]]:
    """Every way in which an adapter is used; the base model is left as it was."""
    before = dict(vlm.model.named_modules())

    def attach(folder: Path) -> None:
        with loaded_adapter(vlm, folder):
            pass

    yield {
        "without the model": lambda folder: check_adapter_on(folder, model_folder(BASE)) and None,
        "attached": attach,
        "merged": lambda folder: export_merged(BASE, folder, tmp_path / "merged"),
    }[request.param]
    assert not (tmp_path / "merged").exists()
    assert dict(vlm.model.named_modules()) == before


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_broken_is_refused_wherever_it_is_used(
    fault: str, adapter: Path, use: Callable[[Path], None]
) -> None:
    change, message = FAULTS[fault]
    change(adapter)
    with pytest.raises(ModelError, match=message) as caught:
        use(adapter)
    assert "\n" not in str(caught.value), "one line"


def test_a_whole_adapter_says_which_base_model_it_is_of(adapter: Path, vlm: VisionLanguageModel) -> None:
    origin = check_adapter_on(adapter, model_folder(BASE))
    assert origin == AdapterBase(vlm.digest, vlm.digest)
    assert not origin.is_other


@pytest.mark.parametrize(
    ("digest", "message"), [("0" * 64, "trained on base model 0000"), ("", "doesn't say")]
)
def test_another_base_model_is_taken_only_when_asked_for(adapter: Path, digest: str, message: str) -> None:
    card = adapter / "README.md"
    own = check_adapter_on(adapter, model_folder(BASE)).used_with
    card.write_text(card.read_text().replace(own, digest))
    with pytest.raises(ModelError, match=f"E-MOD-041.*{message}.*--allow-other-base"):
        check_adapter_on(adapter, model_folder(BASE))
    origin = check_adapter_on(adapter, model_folder(BASE), allow_other_base=True)
    assert origin == AdapterBase(digest or None, own)
    assert origin.is_other


def test_a_single_zero_matrix_is_no_fault(adapter: Path, vlm: VisionLanguageModel) -> None:
    def one_zero(weights: Weights) -> Weights:
        name = next(name for name in weights if "lora_B" in name)
        return weights | {name: torch.zeros_like(weights[name])}

    weights_changed(one_zero)(adapter)
    with loaded_adapter(vlm, adapter):
        pass
