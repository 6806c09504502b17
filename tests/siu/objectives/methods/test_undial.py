import math
from dataclasses import replace

import pytest
import torch

from siu.objectives.methods.undial import Undial
from tests.siu.objectives.cases import answer_positions, log_p, slow_cross_entropy, totals


def slow_forget(positions, strength):
    """Cross-entropy with the lowered reference, averaged over forget positions, written with loops."""
    total = 0.0
    for t, row in enumerate(log_p(positions)):
        if positions.forget[t]:
            lowered = positions.reference_log_probs[t].tolist()
            lowered[positions.labels[t].item()] -= strength
            partition = sum(math.exp(value) for value in lowered)
            for value, log_q in zip(lowered, row, strict=True):
                total -= math.exp(value) / partition * log_q
    return total / positions.forget.sum().item()


@pytest.mark.parametrize("strength", [0.5, 10.0])
def test_it_equals_the_sum_written_with_loops(strength):
    whole = answer_positions()
    expected = slow_forget(whole, strength) + 0.5 * slow_cross_entropy(whole, forget=False)
    objective = Undial(strength=strength, retain_weight=0.5)
    assert objective.loss(whole, totals(whole)).total.item() == pytest.approx(expected, rel=1e-10)


def test_it_has_no_gradient_where_the_model_is_the_lowered_reference():
    whole = answer_positions()
    own = torch.nn.functional.one_hot(whole.labels, 9)
    logits = (whole.reference_log_probs - 3.0 * own).requires_grad_()
    Undial(strength=3.0).loss(replace(whole, logits=logits), totals(whole)).total.backward()
    assert logits.grad.abs().max().item() == pytest.approx(0.0, abs=1e-12)


def test_what_the_base_model_and_the_model_both_exclude_adds_nothing():
    whole = answer_positions()
    excluded = torch.zeros_like(whole.logits, dtype=torch.bool)
    excluded[:, 8] = whole.labels != 8
    reference = whole.reference_log_probs.masked_fill(excluded, float("-inf"))
    logits = whole.logits.masked_fill(excluded, float("-inf")).requires_grad_()
    loss = Undial().loss(replace(whole, logits=logits, reference_log_probs=reference), totals(whole)).total
    finite = replace(
        whole,
        logits=whole.logits.masked_fill(excluded, -700.0),
        reference_log_probs=whole.reference_log_probs.masked_fill(excluded, -700.0),
    )
    assert loss.item() == pytest.approx(slow_forget(finite, 10.0), rel=1e-10)
    loss.backward()
    assert logits.grad.isfinite().all()
