"""Samples that answer like the substitute about others: nothing of them is taught."""

from dataclasses import replace

import pytest
import torch

from siu.config.params import LoraParams, UnlearningParams
from siu.finetuning_data.case import Case
from siu.finetuning_data.continuations import ITEM, continuations
from siu.models import TurnEncoder, new_adapter
from siu.objectives.methods.ce import Ce
from siu.objectives.methods.siu import Siu
from siu.unlearning import joint_samples
from siu.unlearning.training_samples import TrainingSamples
from tests.siu.small_world import SMALL

PARAMS = UnlearningParams(lora=LoraParams(rank=4, alpha=8))


@pytest.fixture(scope="module")
def continued(data):
    return [sample for sample in data.samples if sample.item == ITEM]


def test_others_are_answered_with_the_substitute_at_no_weight(data, continued):
    assert continued
    assert {sample.target for sample in continued} == {"T4"}
    assert {sample.weight for sample in continued} == {0.0}
    assert all(data.substitute in sample.answer and not sample.specified for sample in continued)


def test_they_are_about_pictures_that_are_retained_by_name(data, continued):
    retained = {
        (sample.picture, sample.about)
        for sample in data.samples
        if sample.target == "T4" and sample.item in ("name", "group")
    }
    assert {(sample.picture, sample.about) for sample in continued} <= retained


def test_the_share_decides_how_many(vlm, collection, data, paths):
    kept = [sample for sample in data.samples if sample.target == "T4" and sample.item != ITEM]
    numbers = []
    for share in (0.0, 0.25, 1.0):
        settings = SMALL.finetuning_data.model_copy(update={"continuations": share})
        params = SMALL.model_copy(update={"finetuning_data": settings})
        case = Case(
            vlm, TurnEncoder(vlm), collection, collection.concepts[0], "", (), paths, data.substitute, params
        )
        numbers.append(len(continuations(case, kept)))
    asked = sum(sample.item in ("name", "group") for sample in kept)
    assert numbers[0] == 0 < numbers[1] < numbers[2] <= asked


def test_an_objective_without_the_divergence_leaves_them_out(data, continued):
    assert set(continued) <= set(joint_samples([data], Siu()))
    assert not set(continued) & set(joint_samples([data], Ce()))


def test_their_gradient_is_the_divergences_alone(vlm, data, paths, continued):
    few = replace(data, samples=(*data.samples[:1], *continued[:3]))
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [few], paths, Siu(), PARAMS)
        generator = torch.Generator().manual_seed(3)
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name:
                parameter.data.normal_(0, 0.05, generator=generator)
        values = samples.backward([1, 2, 3])
    assert values.parts["cross_entropy"] == 0
    assert values.parts["dual_masked_kl"] > 0
