"""One step's gradient: against autograd on a formula written row by row, and its invariances."""

import random

import pytest
import torch

from siu.models import TurnEncoder, new_adapter
from siu.models.forward import answer_labels, answer_logits
from siu.objectives.masks import name_token_ids
from siu.params import LoraParams, UnlearningParams
from siu.unlearning.training_samples import TrainingSamples, joint_samples

PARAMS = UnlearningParams(lora=LoraParams(rank=4, alpha=8), retained_per_step=6, micro_batch=4)


def gradient(vlm, data, paths, params, moved=True):
    """Return (losses, gradients by name) of one step at a point away from the base model."""
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, params)
        generator = torch.Generator().manual_seed(3)
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name and moved:
                parameter.data.normal_(0, 0.05, generator=generator)
        losses = samples.backward(samples.draw(random.Random(0)))
        named = peft_model.named_parameters()
        return losses, {name: one.grad.clone() for name, one in named if one.requires_grad}


def test_splitting_a_step_leaves_loss_and_gradient_unchanged(vlm, data, paths):
    whole = gradient(vlm, data, paths, PARAMS.model_copy(update={"micro_batch": 512}))
    split = gradient(vlm, data, paths, PARAMS.model_copy(update={"micro_batch": 3}))
    assert split[0] == pytest.approx(whole[0], rel=1e-4)
    for name, values in whole[1].items():
        torch.testing.assert_close(split[1][name], values, rtol=1e-3, atol=1e-5)


def test_the_reference_is_the_base_model_whatever_the_adapter(vlm, data, paths):
    at_start = gradient(vlm, data, paths, PARAMS, moved=False)[0]
    assert at_start[2] == pytest.approx(0.0, abs=1e-5), "adapter and reference are equal at the start"


def test_the_loss_equals_the_formula_written_row_by_row(vlm, data, paths):
    total, cross_entropy, divergence = gradient(vlm, data, paths, PARAMS)[0]
    weighted = weights = kl = positions = 0.0
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, PARAMS)
        indices = samples.draw(random.Random(0))
        generator = torch.Generator().manual_seed(3)
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name:
                parameter.data.normal_(0, 0.05, generator=generator)
        encoder, chosen = TurnEncoder(vlm), joint_samples([data])
        names = name_token_ids(vlm.tokenizer, data.names)
        for index in indices:
            sample = chosen[index]
            turn = encoder.encode(_turn(sample, paths))
            with torch.no_grad():
                log_p = answer_logits(vlm, [turn]).log_softmax(-1)
                with peft_model.disable_adapter():
                    log_ref = answer_logits(vlm, [turn]).log_softmax(-1)
            for t, label in enumerate(answer_labels([turn], vlm.device).tolist()):
                weighted -= sample.weight * log_p[t, label].item()
                weights += sample.weight
                start, end = turn.spans[t]
                specified = (
                    any(start < right and left < end for left, right in sample.specified) and start < end
                )
                extreme = log_ref[t, names].exp().sum().item() >= PARAMS.extreme_probability
                if not specified and not extreme:
                    positions += 1
                    kl += sum(
                        (log_ref[t, v].exp() * (log_ref[t, v] - log_p[t, v])).item()
                        for v in range(log_p.shape[1])
                        if v not in names
                    )
    assert cross_entropy == pytest.approx(weighted / weights, rel=1e-4)
    assert divergence == pytest.approx(kl / positions, rel=1e-3, abs=1e-6)
    assert total == pytest.approx(0.9 * weighted / weights + 0.75 * kl / positions, rel=1e-3)


def test_every_step_takes_all_samples_about_the_concept(vlm, data, paths):
    with new_adapter(vlm, PARAMS.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, PARAMS)
        drawn = [samples.draw(random.Random(seed)) for seed in (1, 2)]
    own = [index for index, sample in enumerate(joint_samples([data])) if sample.always]
    assert all(set(own) < set(one) and len(one) == len(own) + 6 for one in drawn)
    assert drawn[0] != drawn[1]


def _turn(sample, paths):
    from siu.models import Turn

    return Turn(sample.question, sample.answer, paths[sample.picture] if sample.picture else None)
