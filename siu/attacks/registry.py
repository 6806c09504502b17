"""Which attacks there are: the files of `siu.attacks.methods`, and those that other packages add."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from siu.config.profiles import Profile
from siu.registry import ATTACKS

if TYPE_CHECKING:
    from siu.attacks.attack import Attack


def attack_names() -> tuple[str, ...]:
    """Return the names of all attacks, sorted; imports none of them."""
    return ATTACKS.names()


def attack_class(name: str) -> type["Attack"]:
    """Return an attack's class: `YesNo` in ``yes_no.py`` for ``yes_no``.

    Raises:
        ValueError: There is no such attack.
        InputError: ``E-PLG-001`` there are two, ``E-PLG-002`` another package's can't be loaded.
    """
    kind: type[Attack] = ATTACKS.load(name)
    return kind


def build_attack(name: str, profile: Profile, options: Mapping[str, Any]) -> "Attack":
    """Return an attack with a profile's budget; options replace it, one left out has its default.

    Raises:
        ValueError: There is no such attack.
        pydantic.ValidationError: An option is unknown or has a wrong value.
    """
    return attack_class(name).with_budget(profile, options)


def chosen_attacks(
    profile: Profile, only: Sequence[str], options: Mapping[str, Mapping[str, Any]]
) -> dict[str, "Attack"]:
    """Return the attacks of a profile by name, or the named ones, each with its budget.

    Raises:
        ValueError: There is no such attack.
        pydantic.ValidationError: An option is unknown or has a wrong value.
    """
    names = only or [name for name in attack_names() if profile in attack_class(name).budgets]
    return {name: build_attack(name, profile, options.get(name, {})) for name in names}
