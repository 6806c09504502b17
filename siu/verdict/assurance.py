"""How hard a verdict was tested: the word that always stands beside it."""

from typing import Literal

from siu.config.params import AttackParams
from siu.config.profiles import Profile

Assurance = Literal["records", "quick", "standard", "thorough"]
"""Least to most: the benchmark's own questions, then the attacks of a profile."""


def assurance(params: AttackParams, profile: Profile) -> Assurance:
    """Return what a profile's attacks are worth; single attacks (``attacks.only``) count as none.

    Args:
        params: Which attacks are made.
        profile: ``attacks.profile`` for a concept's own adapter, ``attacks.release`` for the release.
    """
    return "records" if profile == "none" or params.only else profile
