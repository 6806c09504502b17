"""Which strategies there are: the files of `siu.strategies.methods`."""

from siu.registry import STRATEGIES
from siu.strategies.strategy import Strategy


def strategy_names() -> tuple[str, ...]:
    """Return the names of all strategies, sorted; imports none of them."""
    return STRATEGIES.names()


def strategy_class(name: str) -> type[Strategy]:
    """Return a strategy's class: `StandIns` in ``stand_ins.py`` for ``stand_ins``.

    Raises:
        ValueError: There is no such strategy.
        InputError: ``E-PLG-001`` there are two, ``E-PLG-002`` another package's can't be loaded.
    """
    kind: type[Strategy] = STRATEGIES.load(name)
    return kind
