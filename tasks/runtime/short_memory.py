"""A training that found too little memory: once more with half the micro-batch, which changes no step.

A step's gradient is a sum over all its samples however they are split (up to the order of sums), so that half
the rows at a time is the same training in half the memory for activations.
"""

import gc
from collections.abc import Iterator
from types import TracebackType

from siu.config.params import Params
from siu.errors import ConceptError

REMEDY = "Lower unlearning.micro_batch, or set unlearning.gradient_checkpointing or base_model.four_bit"


class Attempt:
    """One training, as a block that is given its parameters.

    Args:
        params: ``unlearning.micro_batch`` is how many rows go at a time.
        is_last: Whether there is no other attempt; then short memory is an error.
    """

    def __init__(self, params: Params, *, is_last: bool) -> None:
        self._params, self._is_last = params, is_last
        self.was_short = False

    def __enter__(self) -> Params:
        return self._params

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        import torch

        self.was_short = isinstance(error, torch.OutOfMemoryError)
        if not self.was_short:
            return False
        if self._is_last:
            _let_go()
            rows = self._params.unlearning.micro_batch
            what = f"the device has too little memory, also for {rows} rows at a time"
            raise ConceptError("E-RUN-053", what, REMEDY) from None
        return True


def attempts(params: Params) -> Iterator[Attempt]:
    """Yield a training and, where memory was short in it, another from the start with half the rows.

    Args:
        params: The parameters; with a ``micro_batch`` of one row there is nothing to halve.

    Raises:
        ConceptError: ``E-RUN-053`` in the last attempt: half of the rows are too many as well.
    """
    rows = params.unlearning.micro_batch // 2
    first = Attempt(params, is_last=rows == 0)
    yield first
    if first.was_short:
        _let_go()
        unlearning = params.unlearning.model_copy(update={"micro_batch": rows})
        yield Attempt(params.model_copy(update={"unlearning": unlearning}), is_last=True)


def _let_go() -> None:
    """Give back what the failed training held."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
