"""How a concept is unlearned: the section ``unlearning`` of ``params.yaml``."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from siu.config.base_model import LoraParams, ProjectorTraining
from siu.config.section import Count, Positive, Rate, Section, Share
from siu.registry import OBJECTIVES

Target = Literal["T1", "T2", "T3", "T4"]


class StoppingParams(Section):
    """`until_forgotten`: when a run may end early, by likelihoods on the one picture and retained samples."""

    every: Count = 2
    """Steps from one check to the next."""
    name_probability: Share = 0.02
    """Forgotten: the real name has at most this probability in answer to "Who is this?"."""
    yes_probability: Share = 0.1
    """Forgotten: Yes has at most this probability in answer to "Is this …?" with the real name."""
    kept: Share = 0.9
    """Kept: retained answers have at least this share of their former probability, by the weakest token."""
    retained: Count = 64
    """Retained samples that are looked at, also by tuning."""


class TuningParams(Section):
    """`siu batch --tune`: what is tried, every rate with every number of steps."""

    lr_factors: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.5, 1.0, 2.0)
    """Factors on ``unlearning.lr``."""
    step_factors: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.5, 1.0)
    """Factors on the number of steps."""


class UnlearningParams(Section):
    """Single Image Unlearning (arXiv 2405.12523)."""

    objective: Annotated[str, Field(json_schema_extra={"enum": list(OBJECTIVES.names())})] = "siu"
    """What is minimised (docs/reference/objectives.md)."""
    objective_options: dict[str, Any] = Field(default_factory=dict)
    """The objective's own options (docs/reference/objectives.md); one left out has its default."""
    steps: Count = 32
    """Optimiser steps per concept."""
    lr: Rate = 4e-3
    """Highest learning rate; it rises during the warm-up and then falls along a cosine."""
    min_lr_ratio: Share = 0.1
    """Share of the highest learning rate that the cosine falls towards."""
    warmup_ratio: Share = 0.15
    """Share of the steps in which the learning rate rises."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """AdamW's weight decay."""
    clip_norm: Positive = 1.0
    """Largest norm of a step's gradient."""
    targets: Annotated[tuple[Target, ...], Field(min_length=1)] = ("T1", "T2", "T3", "T4")
    """Targets of the fine-tuning data that are trained on."""
    batches: Literal["by_item", "shuffled"] = "by_item"
    """A step's samples: shares by item as the keys below say, or ``batch_size`` of all in shuffled order."""
    concept_share: Rate = 0.5
    """Share of a concept's samples in a step; they take turns. The members of a release divide it."""
    concept_weight: Positive = 1.5
    """Factor on the loss weights of the samples about the concept (T1 to T3)."""
    retained_per_step: Count = 96
    """Retained samples drawn for each step, beside those about the concept."""
    hard_share: Share = 0.5
    """Share of them that goes to those most damaged when last drawn; one at least is drawn at random."""
    retained_per_picture: Count = 1
    """Retained samples about one picture that are drawn together: two cost less, and more is lost."""
    anchor_weight: Annotated[float, Field(ge=0)] = 10.0
    """Weight of what the adapter changes on retained pictures, as a share of what its layers do; 0: none."""
    batch_size: Count = 8
    """Samples of a step of ``shuffled`` batches, of all targets together; they come in epochs."""
    micro_batch: Count = 64
    """Rows per forward pass; the step's gradient doesn't depend on it."""
    stop: Literal["fixed", "until_forgotten"] = "fixed"
    """``until_forgotten`` may end a run before its last step."""
    stopping: StoppingParams = StoppingParams()
    """When `until_forgotten` ends a run."""
    tune: bool = False
    """Whether rate and steps are searched for; `siu batch --tune` sets it."""
    tuning: TuningParams = TuningParams()
    """What tuning tries."""
    lora: LoraParams = LoraParams()
    """The adapter that is trained."""
    projector: ProjectorTraining = "frozen"
    """Whether the projector between vision tower and language model is trained, in full or by LoRA."""
    projector_lr: Rate = 2e-5
    """Highest learning rate of a projector that is trained in full; its LoRA has ``lr``."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass: about a third slower, far less memory."""

    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # a dict has none of its own

    @field_validator("objective")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in OBJECTIVES.names():
            expected = " or ".join(map(repr, OBJECTIVES.names()))
            raise PydanticKnownError("literal_error", {"expected": expected})
        return name

    @field_validator("objective_options")
    @classmethod
    def _fit_the_objective(cls, options: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if options and "objective" in info.data:
            OBJECTIVES.load(info.data["objective"]).model_validate(options)
        return options
