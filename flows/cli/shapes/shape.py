"""What a JSON object that a command prints is made of: a class per object, its fields with what they mean."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Interval = Annotated[tuple[float, float], Field(description="The two ends of a 95 % interval.")]
Intervals = dict[str, dict[str, Interval | None]]
"""Model state to metric to its interval; null where there is none."""
Metrics = dict[str, float | None]
"""Metric to value; null where it was not measured."""


class Shape(BaseModel):
    """An object with exactly these fields: one more, one less or another type is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)
