"""How much an attack may cost."""

from typing import Literal

Profile = Literal["none", "quick", "standard", "thorough"]
"""``none`` runs no attack of `siu.attacks.methods`."""
