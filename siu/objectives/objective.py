"""What every objective is: options, what it reads, and a pure loss."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field
from torch import Tensor

from siu.config.section import Positive as Positive
from siu.config.section import Section
from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.perturbation import Perturbation
from siu.objectives.positions import AnswerPositions, Reading, StepTotals
from siu.objectives.suffixes import Suffixes

Weight = Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class ObjectiveLoss:
    """The loss and its unweighted parts by name, each a scalar."""

    total: Tensor
    parts: dict[str, Tensor]


class Objective(Section):
    """An objective with its options: a subclass per file, its fields are the options, documented below each.

    The docstring's first line names the method and its source.
    """

    forget_answers: ClassVar[ForgetAnswers]
    reads: ClassVar[frozenset[Reading]]

    @property
    def uses_retained(self) -> bool:
        """Whether a step draws retained samples (T3 and T4)."""
        return True

    @property
    def uses_rejected(self) -> bool:
        """Whether a step has the base model's own names for the concept, to be made unlikely."""
        return False

    @property
    def perturbation(self) -> Perturbation | None:
        """Where the gradient of each step is taken a second time; None takes it once."""
        return None

    @property
    def suffixes(self) -> Suffixes | None:
        """The searched suffixes that some questions are asked with; None asks them as they are."""
        return None

    @property
    def depth_read(self) -> float | None:
        """The layer whose hidden states are read, as a share of the language model's layers; None: none."""
        return None

    @abstractmethod
    def loss(self, positions: AnswerPositions, totals: StepTotals) -> ObjectiveLoss:
        """Return the share of a step's loss that a micro-batch adds; the shares of a step add up.

        Args:
            positions: The answer positions of one micro-batch.
            totals: The totals of its step.
        """

    def token_mask(self, specified: Tensor, reference_log_probs: Tensor, name_ids: Sequence[int]) -> Tensor:
        """Return K_S, (N,) float: 0 at masked positions. Plain: the specified ones.

        Args:
            specified: (N,) bool, whether a position lies in a specified range of its answer.
            reference_log_probs: (N, V) log-probabilities of the base model; (0, V) unless read.
            name_ids: Token ids of the concept's names.
        """
        return (~specified).float()
