from hypothesis import given
from hypothesis import strategies as st

from siu.unlearning.damage import damage


def test_damage_is_what_the_token_that_lost_most_has_lost():
    assert damage([-0.5, -1.0, -3.0], [-0.4, -2.5, -3.0]) == 1.5


@given(st.lists(st.floats(-20, 0), min_size=1, max_size=9))
def test_what_the_base_model_is_unsure_of_is_no_damage(log_probs):
    assert damage(log_probs, log_probs) == 0
