import random
import sys

import pytest
import torch
from transformers import LlavaForConditionalGeneration

from siu.worlds.drawn.training.architecture import model_config
from siu.worlds.drawn.training.halves import Halves
from siu.worlds.drawn.training.items import Lessons
from siu.worlds.drawn.training.packing import Packer
from siu.worlds.drawn.training.speaking import answer_loss
from siu.worlds.drawn.training.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return LlavaForConditionalGeneration(model_config(train_tokenizer()))


def test_two_halves_have_the_gradient_of_the_whole_batch(model):
    lessons, packer = Lessons(random.Random(0)), Packer(train_tokenizer())
    items = lessons.text_rows(5)
    first, second, whole = (packer.pack(rows, with_picture=False) for rows in (items[:2], items[2:], items))
    parameters = list(model.model.language_model.parameters())
    halves = Halves(parameters)
    mean = halves.backward(lambda: answer_loss(model, first, None), lambda: answer_loss(model, second, None))
    halves.close()
    loss, weight = answer_loss(model, whole, None)
    torch.testing.assert_close(torch.tensor(mean), loss.detach() / weight)
    wanted = torch.autograd.grad(loss / weight, parameters)
    torch.testing.assert_close([one.grad for one in parameters], list(wanted))


def test_a_parameter_that_one_half_does_not_use_gets_the_other_halfs_gradient():
    used, never = torch.nn.Parameter(torch.tensor(3.0)), torch.nn.Parameter(torch.tensor(1.0))
    other = torch.nn.Parameter(torch.tensor(5.0))
    halves = Halves([used, other, never])
    assert halves.backward(lambda: (used * 2, 1.0), lambda: (other * 4, 3.0)) == 6.5
    halves.close()
    assert (used.grad, other.grad, never.grad) == (torch.tensor(0.5), torch.tensor(1.0), None)


def test_an_error_in_a_half_reaches_the_caller():
    weight = torch.nn.Parameter(torch.tensor(1.0))
    halves = Halves([weight])
    with pytest.raises(ZeroDivisionError):
        halves.backward(lambda: (weight / 0, 1 / 0), lambda: (weight, 1.0))
    halves.close()


def test_two_threads_never_make_an_accumulator_at_once():
    """Without the accumulators that `Halves` keeps, this loop stopped for ever in most runs."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(1000):
            weight = torch.nn.Parameter(torch.tensor(1.0))
            halves = Halves([weight])
            assert halves.backward(lambda: (weight / 2, 1.0), lambda: (weight, 1.0)) == 0.75  # noqa: B023
            halves.close()
    finally:
        sys.setswitchinterval(interval)
