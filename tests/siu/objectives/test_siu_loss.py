import math

import pytest
import torch

from siu.objectives import AnswerPositions, Normalisers, dual_masked_kl, siu_loss, weighted_cross_entropy


def positions(seed=0, count=6, vocabulary=9):
    generator = torch.Generator().manual_seed(seed)
    draw = {"generator": generator, "dtype": torch.float64}
    return AnswerPositions(
        logits=torch.randn(count, vocabulary, **draw),
        labels=torch.randint(vocabulary, (count,), generator=generator),
        weights=1 + 5 * torch.rand(count, **draw),
        reference_log_probs=torch.randn(count, vocabulary, **draw).log_softmax(-1),
        token_mask=torch.tensor([1.0, 1, 0, 1, 0, 1], dtype=torch.float64),
        vocabulary_mask=torch.ones(vocabulary, dtype=torch.float64).index_fill_(0, torch.tensor([2, 5]), 0),
    )


def part(whole, rows):
    return AnswerPositions(
        whole.logits[rows],
        whole.labels[rows],
        whole.weights[rows],
        whole.reference_log_probs[rows],
        whole.token_mask[rows],
        whole.vocabulary_mask,
    )


def test_cross_entropy_equals_the_sum_written_with_loops():
    whole = positions()
    total = 0.0
    for row, label, weight in zip(
        whole.logits.tolist(), whole.labels.tolist(), whole.weights.tolist(), strict=True
    ):
        total += weight * (math.log(sum(map(math.exp, row))) - row[label])
    value = weighted_cross_entropy(whole.logits, whole.labels, whole.weights, 7.0)
    assert value.item() == pytest.approx(total / 7.0, rel=1e-12)


def test_the_total_is_alpha_cross_entropy_plus_beta_divergence():
    whole = positions()
    loss = siu_loss(whole, Normalisers(10.0, 4.0), alpha=0.9, beta=0.75)
    cross_entropy = weighted_cross_entropy(whole.logits, whole.labels, whole.weights, 10.0)
    divergence = dual_masked_kl(
        whole.logits, whole.reference_log_probs, whole.token_mask, whole.vocabulary_mask, 4.0
    )
    assert loss.total.item() == pytest.approx(
        0.9 * cross_entropy.item() + 0.75 * divergence.item(), rel=1e-12
    )


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_micro_batches_add_up_to_the_whole_step(cut):
    whole = positions()
    normalisers = Normalisers(float(whole.weights.sum()), 4.0)
    pieces = [part(whole, slice(None, cut)), part(whole, slice(cut, None))]
    summed = sum(siu_loss(piece, normalisers, alpha=0.9, beta=0.75).total.item() for piece in pieces)
    assert summed == pytest.approx(siu_loss(whole, normalisers, alpha=0.9, beta=0.75).total.item(), rel=1e-12)


def test_the_order_of_positions_changes_nothing():
    whole = positions()
    order = [3, 1, 5, 0, 2, 4]
    normalisers = Normalisers(10.0, 4.0)
    straight = siu_loss(whole, normalisers, alpha=0.9, beta=0.75).total.item()
    assert siu_loss(part(whole, order), normalisers, alpha=0.9, beta=0.75).total.item() == pytest.approx(
        straight
    )


def test_its_gradient_is_right():
    whole = positions()

    def total(logits):
        moved = AnswerPositions(logits, *list(whole.__dict__.values())[1:])
        return siu_loss(moved, Normalisers(10.0, 4.0), alpha=0.9, beta=0.75).total

    assert torch.autograd.gradcheck(total, whole.logits.clone().requires_grad_())
