"""What is tried to bring a concept back: the section ``attacks`` of ``params.yaml``."""

from typing import Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from siu.config.profiles import Profile
from siu.config.section import Count, CountFromZero, PathText, Rate, Section, nested_error
from siu.registry import ATTACKS


class AttackParams(Section):
    """What is tried to bring a concept back (docs/reference/attacks.md)."""

    min_k: Rate = 0.4
    """Share of the least likely answer tokens that Min-K% reads in the benchmark's records."""
    profile: Profile = "quick"
    """How much is tried: ``none`` reads the benchmark's records only."""
    release: Profile = "quick"
    """The same on the joint release, for each of its concepts."""
    only: tuple[str, ...] = ()
    """Attacks to run instead of the profile's; its budget stays."""
    questions: PathText | None = None
    """A table of more questions for ``languages``, ``yes_no`` and ``multi_hop`` (`siu bench questions`)."""
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Budgets by attack that replace the profile's: ``{image_pgd: {steps: 40}}``."""
    retained: CountFromZero = 2
    """Retained concepts of the same kind that every attack is tried on too."""
    said: Count = 24
    """Questions and answers per attack that are kept, those that give something away first."""

    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # a dict has none of its own

    @field_validator("only")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            ATTACKS.check(name)
        return names

    @field_validator("options")
    @classmethod
    def _fit_the_attacks(
        cls, options: dict[str, dict[str, Any]], info: ValidationInfo
    ) -> dict[str, dict[str, Any]]:
        for name, values in options.items() if "profile" in info.data else ():
            try:
                ATTACKS.load(name).with_budget(info.data["profile"], values)
            except ValidationError as error:
                raise nested_error(name, error) from error
        return options
