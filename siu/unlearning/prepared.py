"""What training keeps of one sample, and what a step gave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.finetuning_data import Sample
from siu.language.identity import name_spans
from siu.models import EncodedTurn, Turn, TurnEncoder
from siu.models.token_spans import distinctive_tokens, specified_tokens


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
        rejected: Which answer tokens are made unlikely.
        specified: Which answer tokens the token mask covers.
    """

    turn: EncodedTurn
    weight: float
    forget: bool
    rejected: tuple[bool, ...]
    specified: tuple[bool, ...]


def prepare(
    encoder: TurnEncoder, sample: Sample, paths: dict[str, Path], rejected: Sequence[str] = ()
) -> Prepared:
    """Encode a sample and find what its token mask covers.

    Args:
        encoder: Encodes its turn.
        sample: What is asked and answered.
        paths: Picture file by digest.
        rejected: Names that are made unlikely in its answer, which the token mask then covers whole: what is
            distinctive of them, as the first token of a name begins other names too.
    """
    picture = paths[sample.picture] if sample.picture else None
    turn = encoder.encode(Turn(sample.question, sample.answer, picture))
    if not rejected:
        masked = specified_tokens(turn.spans, sample.specified)
        return Prepared(turn, sample.weight, sample.forget, (False,) * len(masked), tuple(masked))
    unlikely = distinctive_tokens(turn.spans, sample.answer, name_spans(sample.answer, rejected))
    whole = (True,) * len(unlikely)
    return Prepared(turn, sample.weight, sample.forget, tuple(unlikely), whole)
