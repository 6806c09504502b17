"""The same job on a CUDA device: ``pytest -m gpu``. Its small size runs on the CPU in the other tests."""

import pytest
import torch

from siu.config.params import BaseModelParams, RuntimeParams, UnlearningParams
from siu.finetuning_data import build_data, choose_substitutes
from siu.models import load_model
from siu.unlearning import TrainingInput, unlearn
from tests.siu.small_world import SMALL

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_gpu_unlearns_as_the_cpu_does(collection, paths, tmp_path, dtype):
    params = SMALL.model_copy(
        update={
            "base_model": BaseModelParams(dtype=dtype),
            "unlearning": UnlearningParams(steps=6, retained_per_step=20),
        }
    )
    vlm = load_model(params.base_model, RuntimeParams(device="cuda"))
    assert vlm.device.type == "cuda"
    concept = collection.concepts[0]
    one = collection.path(collection.pictures_of(concept.id, split="train")[0])
    substitute = choose_substitutes([concept], collection, seed=0)[concept.id]
    data = build_data(vlm, collection, concept, one, substitute, params)
    result = unlearn(TrainingInput(vlm, [data], paths, params), tmp_path)
    assert result.losses[-1].loss < result.losses[0].loss
