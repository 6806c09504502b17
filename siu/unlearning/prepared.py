"""What training keeps of one sample, and what a step gave."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from siu.finetuning_data import Sample
from siu.models import EncodedTurn, Turn, TurnEncoder
from siu.models.token_spans import specified_tokens


@dataclass(frozen=True)
class StepValues:
    """A step's loss and its unweighted parts by name."""

    loss: float
    parts: dict[str, float]

    @staticmethod
    def total(shares: "Iterable[StepValues]") -> "StepValues":
        """Return the sum of what some rows of a step contribute."""
        loss, parts = 0.0, dict[str, float]()
        for share in shares:
            loss += share.loss
            for name, value in share.parts.items():
                parts[name] = parts.get(name, 0.0) + value
        return StepValues(loss, parts)


@dataclass(frozen=True)
class Prepared:
    """A sample for training.

    Attributes:
        turn: Its tokens.
        weight: Loss weight of each answer token.
        forget: Whether it is about what is forgotten.
        rejected: Whether its answer is made unlikely.
        specified: Which answer tokens the token mask covers.
    """

    turn: EncodedTurn
    weight: float
    forget: bool
    rejected: bool
    specified: tuple[bool, ...]


def prepare(encoder: TurnEncoder, sample: Sample, paths: dict[str, Path], *, rejected: bool) -> Prepared:
    """Encode a sample and find what its token mask covers: all of an answer that is rejected."""
    picture = paths[sample.picture] if sample.picture else None
    turn = encoder.encode(Turn(sample.question, sample.answer, picture))
    masked = [True] * len(turn.spans) if rejected else specified_tokens(turn.spans, sample.specified)
    return Prepared(turn, sample.weight, sample.forget, rejected, tuple(masked))
