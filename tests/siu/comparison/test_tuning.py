import pytest

from siu.comparison.tuning import Settings, best_settings, with_settings
from siu.config.params import Params


def tries(*scores: float) -> list[dict[str, float]]:
    rates = ((0.001, 8), (0.002, 8), (0.001, 16))
    return [
        {"lr": lr, "steps": steps, "score": score} for (lr, steps), score in zip(rates, scores, strict=True)
    ]


def test_the_best_over_all_concepts_wins_not_the_best_on_one() -> None:
    assert best_settings([tries(0.5, 0.9, 0.7), tries(0.6, 0.0, 0.7)]) == Settings(0.001, 16)


def test_of_equals_the_first_wins() -> None:
    assert best_settings([tries(0.5, 0.5, 0.5)]) == Settings(0.001, 8)


def test_strength_is_a_factor_on_the_rate_up_to_the_highest_there_is() -> None:
    half = with_settings(Params(), Settings(0.004, 8), 0.5).unlearning
    assert (half.lr, half.steps, half.tune) == (pytest.approx(0.002), 8, False)
    assert with_settings(Params(), Settings(0.5, 8), 100).unlearning.lr == 1.0
