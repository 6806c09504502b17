import math

import pytest

from siu.objectives.methods.siu import Siu
from siu.objectives.methods.siu_robust import SiuRobust
from tests.siu.objectives.cases import answer_positions, log_p, totals


def slow_rejection(positions, beta):
    """-2/beta * log sigmoid(-beta * mean token log-likelihood) of the rejected answer, written with loops."""
    table = log_p(positions)
    tokens = [
        table[t][label] for t, label in enumerate(positions.labels.tolist()) if positions.rejected[t].item()
    ]
    return -2 / beta * math.log(1 / (1 + math.exp(beta * sum(tokens) / len(tokens))))


@pytest.mark.parametrize("beta", [2.5, 0.5])
def test_it_is_siu_plus_the_rejection_written_with_loops(beta):
    whole = answer_positions()
    siu = Siu().loss(whole, totals(whole)).total.item()
    robust = SiuRobust(rejection_weight=0.3, rejection_beta=beta).loss(whole, totals(whole))
    assert robust.parts["rejected"].item() == pytest.approx(slow_rejection(whole, beta), rel=1e-10)
    assert robust.total.item() == pytest.approx(siu + 0.3 * slow_rejection(whole, beta), rel=1e-10)


def test_the_less_likely_the_rejected_answer_the_weaker_the_push():
    whole = answer_positions()
    pushes = []
    for shift in (0.0, -5.0, -10.0):
        logits = whole.logits.clone()
        logits[range(len(logits)), whole.labels] += shift
        logits.requires_grad_()
        positions = type(whole)(**{**vars(whole), "logits": logits})
        SiuRobust().loss(positions, totals(whole)).parts["rejected"].backward()
        pushes.append(logits.grad[whole.rejected].abs().sum().item())
    assert pushes[0] > pushes[1] > pushes[2]


def test_without_its_term_it_is_siu():
    whole = answer_positions()
    robust, siu = (one.loss(whole, totals(whole)) for one in (SiuRobust(rejection_weight=0), Siu()))
    assert robust.total.item() == siu.total.item()
    assert not SiuRobust(rejection_weight=0).uses_rejected
