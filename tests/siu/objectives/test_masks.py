import torch

from siu.objectives.masks import extreme_positions, vocabulary_mask


def test_the_vocabulary_mask_is_zero_at_the_names_tokens_only():
    assert vocabulary_mask([1, 3], 5).tolist() == [1, 0, 1, 0, 1]


def test_extreme_positions_sum_the_names_probability():
    reference = torch.tensor([[0.5, 0.46, 0.04], [0.5, 0.3, 0.2]]).log()
    assert extreme_positions(reference, [0, 1], 0.95).tolist() == [True, False]
