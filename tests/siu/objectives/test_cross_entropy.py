import math

import pytest
import torch

from siu.objectives.cross_entropy import weighted_cross_entropy


def case():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, 7, generator=generator, dtype=torch.float64)
    return logits, torch.tensor([2, 0, 6, 3]), torch.tensor([1.0, 2.0, 0.5, 1.0], dtype=torch.float64)


def test_it_is_the_weighted_mean_written_with_loops():
    logits, labels, weights = case()
    total = 0.0
    for row, label, weight in zip(logits.tolist(), labels.tolist(), weights.tolist(), strict=True):
        total -= weight * (row[label] - math.log(sum(map(math.exp, row))))
    found = weighted_cross_entropy(logits, labels, weights, weights.sum().item())
    assert found.item() == pytest.approx(total / 4.5, rel=1e-12)


@pytest.mark.parametrize("label", [-100, -1, 7])
def test_a_position_without_a_label_is_refused_since_the_normaliser_would_count_it(label):
    logits, labels, weights = case()
    labels[1] = label
    with pytest.raises(IndexError):
        weighted_cross_entropy(logits, labels, weights, weights.sum().item())
