"""What is measured on a concept, and by which judge."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siu.config.section import Count, CountFromZero, EndpointUrl, PathText, Positive, Section


class EvaluationParams(Section):
    """MMUBench on one concept."""

    pictures: Count = 60
    """Unseen pictures per concept that are asked about; a gate of .9 takes 29 (``gates.confidence``)."""
    questions_per_picture: Count = 2
    """Wordings of the recognition question per picture."""
    other_pictures: Count = 4
    """Pictures per retained concept that are asked about."""
    held_out_pictures: Count = 24
    """Pictures, and further group pictures, of each concept that no training saw: they are few, so more."""
    other_groups: Count = 48
    """Group pictures in which all figures are asked about; the concept is asked about in all of its own."""
    max_new_tokens: Count = 32
    """Length at which an answer is cut."""
    batch_size: Count = 128
    """Questions answered at the same time."""
    gold: PathText | None = None
    """A model that never saw some concepts, as a reference: ``embedded``, or a folder with ``gold.json``."""


class JudgeParams(Section):
    """The judge of G-Eval; without one G-Eval is not measured."""

    source: Literal["none", "endpoint", "local"] = "none"
    """``endpoint`` asks an OpenAI-compatible server, which gets names and answers; ``local`` a model here."""
    url: EndpointUrl | None = None
    """Address of the endpoint, such as https://example.org/v1."""
    model: PathText | None = None
    """The endpoint's name of the model, or the local model's folder or hub name."""
    revision: str | None = None
    """Commit of a local hub model."""
    key_variable: str = "SIU_JUDGE_KEY"
    """Environment variable that holds the endpoint's key; the key itself stands nowhere."""
    requests_per_minute: Count = 60
    """Requests to the endpoint, at most."""
    retries: CountFromZero = 5
    """How often a failed request is repeated."""
    timeout_seconds: Positive = 60.0
    """How long one request may take."""
    max_tokens: Count = 64
    """Length at which a reply is cut."""
    price_per_million_sent: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million tokens sent, in any currency; for the estimate."""
    price_per_million_received: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million tokens received."""
    max_cost: Annotated[float, Field(ge=0)] = 1.0
    """The ratings of one concept are refused if they would cost more."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [] if self.source == "none" or self.model else ["model"]
        if self.source == "endpoint" and not self.url:
            missing.append("url")
        if missing:
            raise ValueError(
                f"judge.source is {self.source}, so judge.{' and judge.'.join(missing)} is needed"
            )
        return self
