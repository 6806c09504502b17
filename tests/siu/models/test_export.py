"""What is given away answers as base + adapter do, for libraries that know nothing of siu."""

import pytest
import torch
from transformers import AutoModelForImageTextToText

from siu.config.params import BaseModelParams, LoraParams
from siu.data.images import load_image
from siu.errors import InputError, ModelError
from siu.models import Turn, generate, load_model, loaded_adapter, new_adapter, save_adapter, token_log_probs
from siu.models.export import export_adapter, export_merged
from tests.siu.models.tiny import build

BASE = BaseModelParams()
QUESTIONS = ("Who is this?", "What is this person wearing?")


@pytest.fixture(scope="module")
def adapter(vlm, tmp_path_factory):
    """An adapter that changes language model and projector."""
    folder = tmp_path_factory.mktemp("adapter")
    generator = torch.Generator().manual_seed(0)
    with new_adapter(vlm, LoraParams(rank=4, alpha=8), seed=0, projector="full") as peft_model:
        for name, one in peft_model.named_parameters():
            if "lora_B" in name or "modules_to_save" in name:
                one.data += 0.05 * torch.randn(one.shape, generator=generator)
        save_adapter(peft_model, folder, base="embedded", digest=vlm.digest)
    return folder


@pytest.fixture(scope="module")
def merged(adapter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "merged"
    export_merged(BASE, adapter, folder)
    return folder


def test_a_merged_model_answers_as_base_and_adapter_do(vlm, encoder, pictures, adapter, merged):
    turns = [encoder.encode(Turn(text, "Ann Lee.", one)) for one in pictures[:4] for text in QUESTIONS]
    with loaded_adapter(vlm, adapter):
        scores = torch.tensor(token_log_probs(vlm, turns, batch_size=8))
        answers = generate(vlm, turns, max_new_tokens=12, batch_size=8)
    again = load_model(BaseModelParams(source=str(merged)))
    merged_scores = torch.tensor(token_log_probs(again, turns, batch_size=8))
    torch.testing.assert_close(merged_scores, scores, rtol=1e-4, atol=1e-4)
    assert generate(again, turns, max_new_tokens=12, batch_size=8) == answers
    base = torch.tensor(token_log_probs(vlm, turns, batch_size=8))
    assert (base - scores).abs().max() > 0.5


def test_plain_transformers_loads_a_merged_model(vlm, encoder, picture, adapter, merged):
    plain = AutoModelForImageTextToText.from_pretrained(merged).eval()
    turn = encoder.encode(Turn(QUESTIONS[0], picture=picture))
    pixels = vlm.processor.image_processor(images=[load_image(picture)], return_tensors="pt")
    output = plain.generate(
        input_ids=torch.tensor([turn.prompt_ids]), **pixels, max_new_tokens=12, do_sample=False
    )
    answer = vlm.tokenizer.decode(output[0, len(turn.prompt_ids) :], skip_special_tokens=True).strip()
    with loaded_adapter(vlm, adapter):
        assert generate(vlm, [turn], max_new_tokens=12, batch_size=1) == [answer]


def test_equal_inputs_give_equal_bytes(adapter, merged, tmp_path):
    export_merged(BASE, adapter, tmp_path / "again")
    files = [sorted(folder.iterdir()) for folder in (merged, tmp_path / "again")]
    assert [file.name for file in files[0]] == [file.name for file in files[1]]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(*files, strict=True))


def test_an_adapter_is_copied_as_it_is(adapter, tmp_path):
    export_adapter(adapter, tmp_path / "copy")
    for file in adapter.iterdir():
        assert (tmp_path / "copy" / file.name).read_bytes() == file.read_bytes()


def test_a_folder_that_is_there_is_never_written_to(adapter, tmp_path):
    with pytest.raises(InputError, match="E-EXP-001"):
        export_adapter(adapter, tmp_path)


def test_without_an_adapter_nothing_is_written(tmp_path):
    with pytest.raises(ModelError, match="E-MOD-021"):
        export_merged(BASE, tmp_path, tmp_path / "new")
    assert not any(tmp_path.iterdir())


def test_another_models_adapter_is_refused_and_nothing_is_written(adapter, tmp_path):
    tiny = BaseModelParams(source=str(build("llava", tmp_path / "tiny")))
    with pytest.raises(ModelError, match="E-MOD-025"):
        export_merged(tiny, adapter, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
