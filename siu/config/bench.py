"""Parameters of `siu bench build`."""

from typing import Annotated, Literal

from pydantic import Field

from siu.config.section import Count, CountFromZero, Section, Share


class BenchParams(Section):
    """`siu bench build`: how pictures and questions of a benchmark are chosen."""

    test_pictures: Count = 49
    """Pictures to test on per concept, at most; the paper has 49."""
    questions: Count = 100
    """Measured questions per concept, at most; the paper has 100."""
    writer: Literal["templates", "endpoint"] = "templates"
    """Who writes questions (`siu bench`): templates, or first the chat model at ``judge.url``."""
    looks_per_picture: CountFromZero = 2
    """Questions about looks per picture, before inconsistent answers are left out."""
    near_duplicate_bits: Annotated[int, Field(ge=0, le=255)] = 30
    """Two pictures are near-duplicates if at most this many of their 256 hash bits differ."""
    recognised: Share = 0.5
    """The base model must give the name in at least this share of its answers about a picture."""
