"""A training that found too little memory: once more with half the micro-batch, which changes no step.

A step's gradient is a sum over all its samples however they are split (up to the order of sums), so that half
the rows at a time is the same training in half the memory for activations.
"""

import gc
from collections.abc import Callable
from typing import TypeVar

from siu.config.params import Params
from siu.errors import ConceptError

T = TypeVar("T")


def with_half_if_short(attempt: Callable[[Params], T], params: Params) -> T:
    """Return what a training returns; where memory is short it is begun again with half the rows at a time.

    Args:
        attempt: Trains from the start with the parameters it is given.
        params: The parameters; ``unlearning.micro_batch`` is how many rows go at a time.

    Raises:
        ConceptError: ``E-RUN-053`` half of them are too many as well, or there was one row only.
    """
    import torch

    try:
        return attempt(params)
    except torch.OutOfMemoryError:
        rows = params.unlearning.micro_batch // 2
    _let_go()
    try:
        if rows:
            return attempt(_with_rows(params, rows))
    except torch.OutOfMemoryError:
        _let_go()
    what = f"the device has too little memory, also for {max(rows, 1)} rows at a time"
    remedy = "Lower unlearning.micro_batch, or set unlearning.gradient_checkpointing or base_model.four_bit"
    raise ConceptError("E-RUN-053", what, remedy)


def _with_rows(params: Params, rows: int) -> Params:
    unlearning = params.unlearning.model_copy(update={"micro_batch": rows})
    return params.model_copy(update={"unlearning": unlearning})


def _let_go() -> None:
    """Give back what the failed training held."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
