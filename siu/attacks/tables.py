"""The tables of docs/reference/attacks.md: what each attack is, what it is held against, what it costs."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from siu.attacks.attack import Attack, Family
from siu.attacks.observation import CONTROL_WORDS
from siu.attacks.registry import attack_class, attack_names, build_attack
from siu.config.profiles import Profile

PROFILES: tuple[Profile, ...] = ("quick", "standard", "thorough")


def attacks_table() -> str:
    """Return what there is: source, what comes back, what is scored."""
    rows = ((f"`{name}`", _source(kind), kind.gives, kind.score) for name, kind in _by_family())
    return _table(("attack", "source", "gives", "score"), rows)


def controls_table() -> str:
    """Return what each attack's recovery is held against, and why."""
    rows = (
        (
            f"`{name}`",
            ", else ".join(CONTROL_WORDS[control] for control in kind.controls),
            kind.because,
            "gold model only" if kind.needs_gold else "",
        )
        for name, kind in _by_family()
    )
    return _table(("attack", "held against", "since", "gates with"), rows)


def budgets_table() -> str:
    """Return the budget of each attack in each profile that runs it."""
    rows = (
        (f"`{name}`", *(_budget(name, kind, profile) for profile in PROFILES)) for name, kind in _by_family()
    )
    return _table(("attack", *PROFILES), rows)


def _by_family() -> Iterator[tuple[str, type[Attack]]]:
    kinds = {name: attack_class(name) for name in attack_names()}
    for family in get_args(Family):
        yield from ((name, kind) for name, kind in kinds.items() if kind.family == family)


def _source(kind: type[Attack]) -> str:
    return (kind.__doc__ or "").split("\n", 1)[0].rstrip(".")


def _budget(name: str, kind: type[Attack], profile: Profile) -> str:
    if profile not in kind.budgets:
        return "–"
    options: Mapping[str, Any] = build_attack(name, profile, {}).model_dump(mode="json")
    return ", ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in options.items())


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "/".join(map(_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (head, *rows)]
    return "\n".join((lines[0], "|---" * len(head) + "|", *lines[1:])) + "\n"


if __name__ == "__main__":
    for table in (attacks_table(), controls_table(), budgets_table()):
        print(table)  # noqa: T201
