"""How much of a step an objective wants asked with tokens that an attacker has searched."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suffixes:
    """The suffixes that training withstands.

    Attributes:
        share: Chance that a question who is in a concept's picture is asked with one of them.
        count: How many there are for each concept.
        tokens: Length of each.
        tried: Replacements that are tried when one of them is improved.
    """

    share: float
    count: int
    tokens: int
    tried: int
