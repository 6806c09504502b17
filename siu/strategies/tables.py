"""The table of docs/explanation/what-lasts.md: what each strategy stores about a person.

``python -m siu.strategies.tables`` prints it.
"""

from typing import get_args

from siu.strategies.registry import strategy_class, strategy_names
from siu.strategies.strategy import Stored, Strategy


def storage_table() -> str:
    """Return what there is: how it trains, what it stores, whether requests may be purged."""
    kinds: tuple[Stored, ...] = get_args(Stored)
    head = ("`release.strategy`", "how a release is trained", *kinds, "under `policy: purge`")
    lines = [
        head,
        ("---",) * len(head),
        *(_row(name, strategy_class(name), kinds) for name in strategy_names()),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(name: str, kind: type[Strategy], kinds: tuple[Stored, ...]) -> tuple[str, ...]:
    how = (kind.__doc__ or "").split("\n", 1)[0].rstrip(".")
    stored = ("yes" if part in kind.stores else "–" for part in kinds)
    return (f"`{name}`", how, *stored, "yes" if kind.allows_purge() else "refused")


if __name__ == "__main__":
    print(storage_table(), end="")  # noqa: T201
