import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from siu.objectives.dual_masked_kl import dual_masked_kl


def slow_reference(logits, reference, token_mask, vocabulary_mask, normaliser):
    """The paper's sum, written with loops over positions and vocabulary."""
    total = 0.0
    for t in range(len(logits)):
        partition = sum(math.exp(value) for value in logits[t].tolist())
        for v in range(len(vocabulary_mask)):
            p = math.exp(reference[t][v].item())
            q = math.exp(logits[t][v].item()) / partition
            keep = token_mask[t].item() * vocabulary_mask[v].item()
            total += keep * p * (math.log(p) - math.log(q)) if p > 0 else 0.0
    return total / normaliser


def random_case(seed, positions=5, vocabulary=11):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(positions, vocabulary, generator=generator, dtype=torch.float64)
    reference = torch.randn(positions, vocabulary, generator=generator, dtype=torch.float64).log_softmax(-1)
    token_mask = (torch.rand(positions, generator=generator) > 0.4).double()
    vocabulary_mask = (torch.rand(vocabulary, generator=generator) > 0.3).double()
    return logits, reference, token_mask, vocabulary_mask


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_equals_the_sum_written_with_loops(seed):
    case = random_case(seed)
    assert dual_masked_kl(*case, 3.0).item() == pytest.approx(slow_reference(*case, 3.0), rel=1e-9, abs=1e-12)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=10)
def test_each_position_can_have_a_vocabulary_mask_of_its_own(seed):
    logits, reference, token_mask, first = random_case(seed)
    second = random_case(seed + 1)[3]
    own = torch.stack([first, second, first, second, second])
    whole = dual_masked_kl(logits, reference, token_mask, own, 3.0).item()
    rows = sum(
        slow_reference(logits[[t]], reference[[t]], token_mask[[t]], own[t], 3.0) for t in range(len(logits))
    )
    assert whole == pytest.approx(rows, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("ours_too", [False, True])
def test_what_the_base_model_excludes_adds_nothing(ours_too):
    logits, reference, token_mask, vocabulary_mask = random_case(6)
    excluded = torch.zeros_like(reference, dtype=torch.bool)
    excluded[0, 1] = excluded[2, 3] = excluded[4, 0] = True
    reference = reference.masked_fill(excluded, float("-inf"))
    case = (reference.log_softmax(-1), token_mask, vocabulary_mask)
    own = logits.masked_fill(excluded, float("-inf")) if ours_too else logits
    own.requires_grad_()
    value = dual_masked_kl(own, *case, 3.0)
    slow = own.detach().masked_fill(excluded, -700.0) if ours_too else own.detach()
    assert value.item() == pytest.approx(slow_reference(slow, *case, 3.0), rel=1e-9)
    value.backward()
    assert own.grad.isfinite().all()


def test_with_empty_masks_it_is_plain_kl():
    logits, reference, _, _ = random_case(1)
    ours = dual_masked_kl(logits, reference, torch.ones(5), torch.ones(11), 5.0)
    plain = torch.nn.functional.kl_div(
        logits.log_softmax(-1), reference, log_target=True, reduction="batchmean"
    )
    assert ours.item() == pytest.approx(plain.item(), rel=1e-9)


def test_of_equal_models_it_is_zero():
    logits, _, token_mask, vocabulary_mask = random_case(2)
    value = dual_masked_kl(logits, logits.log_softmax(-1), token_mask, vocabulary_mask, 4.0)
    assert value.item() == pytest.approx(0.0, abs=1e-12)


def test_specified_positions_have_no_gradient():
    logits, reference, _, vocabulary_mask = random_case(3)
    logits.requires_grad_()
    token_mask = torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0])
    dual_masked_kl(logits, reference, token_mask, vocabulary_mask, 3.0).backward()
    assert logits.grad[[1, 3]].abs().max() == 0
    assert logits.grad[[0, 2, 4]].abs().min() > 0


def test_a_permuted_vocabulary_changes_nothing():
    logits, reference, token_mask, vocabulary_mask = random_case(4)
    order = torch.randperm(11, generator=torch.Generator().manual_seed(0))
    permuted = dual_masked_kl(logits[:, order], reference[:, order], token_mask, vocabulary_mask[order], 2.0)
    straight = dual_masked_kl(logits, reference, token_mask, vocabulary_mask, 2.0)
    assert permuted.item() == pytest.approx(straight.item(), rel=1e-12)


def test_its_gradient_is_right():
    logits, reference, token_mask, vocabulary_mask = random_case(5)
    logits.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: dual_masked_kl(x, reference, token_mask, vocabulary_mask, 3.0), logits
    )


def test_low_precision_logits_are_compared_in_float32():
    logits, reference, token_mask, vocabulary_mask = random_case(6)
    assert (
        dual_masked_kl(logits.bfloat16(), reference, token_mask, vocabulary_mask, 3.0).dtype is torch.float32
    )
