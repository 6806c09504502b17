"""How the one adapter that is deployed comes to be: the section ``release`` of ``params.yaml``."""

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticKnownError

from siu.config.section import Count, Positive, Section
from siu.config.service import VerdictWord
from siu.registry import STRATEGIES


class ReleaseParams(Section):
    """The one adapter that is deployed."""

    strategy: Annotated[str, Field(json_schema_extra={"enum": list(STRATEGIES.names())})] = "joint"
    """How releases follow each other, and what is stored for that (docs/explanation/what-lasts.md)."""
    steps_per_concept: Count = 32
    """Steps per concept where there are several; never fewer in all than ``unlearning.steps``."""
    concept_weight: Positive = 3.0
    """``unlearning.concept_weight`` of several: between two steps of a concept the others' retain as well."""
    acceptance: Literal["automatic", "by_person"] = "automatic"
    """Who deploys a release: a rule (``worst``), or always a person (`siu release accept`)."""
    worst: VerdictWord = "partial"
    """``automatic`` deploys a release none of whose members has a worse verdict; any other waits."""

    @field_validator("strategy")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in STRATEGIES.names():
            expected = " or ".join(map(repr, STRATEGIES.names()))
            raise PydanticKnownError("literal_error", {"expected": expected})
        return name

    @property
    def allows_purge(self) -> bool:
        """Whether nothing is stored from which a picture of a person could be rebuilt."""
        return bool(STRATEGIES.load(self.strategy).allows_purge())

    @property
    def merges(self) -> bool:
        """Whether training goes on from weights into which the released adapter was merged."""
        return bool(STRATEGIES.load(self.strategy).merges)
