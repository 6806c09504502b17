import pytest
import torch

from siu.config.params import BaseModelParams, RuntimeParams
from siu.errors import ModelError
from siu.models import Turn, TurnEncoder, load_model, token_log_probs


def test_a_spread_model_scores_as_one_on_a_single_device(vlm, encoder, picture):
    spread = load_model(BaseModelParams(device_map="auto"), RuntimeParams(device="cpu"))
    turn = encoder.encode(Turn("Who is this?", "This is Ann.", picture))
    spread_scores, scores = (token_log_probs(one, [turn], batch_size=1) for one in (spread, vlm))
    torch.testing.assert_close(torch.tensor(spread_scores).cpu(), torch.tensor(scores).cpu())


def test_weights_have_the_precision_asked_for(picture):
    half = load_model(BaseModelParams(dtype="bfloat16"))
    assert {one.dtype for one in half.model.parameters()} == {torch.bfloat16}
    turn = TurnEncoder(half).encode(Turn("Who is this?", "This is Ann.", picture))
    assert all(score <= 0 for score in token_log_probs(half, [turn], batch_size=1)[0])


def test_four_bits_are_refused_before_weights_are_read_where_there_is_no_gpu():
    with pytest.raises(ModelError, match=r"E-MOD-017.*needs a GPU"):
        load_model(BaseModelParams(four_bit=True), RuntimeParams(device="cpu"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_gpu_is_said():
    with pytest.raises(ModelError, match="E-MOD-009"):
        load_model(BaseModelParams(), RuntimeParams(device="cuda"))


def test_what_precision_decides_is_told_apart():
    assert BaseModelParams().precision == "float32"
    assert BaseModelParams(four_bit=True).precision != BaseModelParams().precision
