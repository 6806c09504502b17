"""The shape of what each command prints with ``--json``, from which docs/reference/json.md is made."""

from typing import Any

from pydantic import TypeAdapter

from flows.cli.shapes.attacks import AttackShape
from flows.cli.shapes.benchmarks import EvaluationShape, PublicSetsShape, SelfCheckShape, StudyShape
from flows.cli.shapes.release import ReleaseDifferenceShape, ReleaseShape, ReleaseWithHistoryShape
from flows.cli.shapes.state import (
    AnswersShape,
    CheckShape,
    ConceptShape,
    ImportShape,
    KeyShape,
    ListedRequestShape,
    RecipientShape,
    RequestShape,
    StatusShape,
    VerifiedShape,
)
from flows.cli.shapes.summary import BatchShape, EarlyBatchShape, SummaryShape

SHAPES: dict[str, TypeAdapter[Any]] = {
    "siu batch": TypeAdapter(BatchShape | EarlyBatchShape),
    "siu forget": TypeAdapter(BatchShape),
    "siu request import": TypeAdapter(ImportShape),
    "siu request list": TypeAdapter(list[ListedRequestShape]),
    "siu request show": TypeAdapter(RequestShape),
    "siu concepts": TypeAdapter(list[ConceptShape]),
    "siu ask": TypeAdapter(AnswersShape),
    "siu compare": TypeAdapter(StudyShape),
    "siu release list": TypeAdapter(list[ReleaseShape]),
    "siu release show": TypeAdapter(ReleaseWithHistoryShape),
    "siu release diff": TypeAdapter(ReleaseDifferenceShape),
    "siu release notify": TypeAdapter(list[RecipientShape]),
    "siu status": TypeAdapter(list[StatusShape]),
    "siu report": TypeAdapter(SummaryShape),
    "siu verify": TypeAdapter(VerifiedShape),
    "siu keys show": TypeAdapter(KeyShape),
    "siu doctor": TypeAdapter(list[CheckShape]),
    "siu evaluate": TypeAdapter(EvaluationShape),
    "siu attack": TypeAdapter(AttackShape),
    "siu bench public": TypeAdapter(PublicSetsShape),
    "siu bench self-check": TypeAdapter(SelfCheckShape),
}
"""In the order of the command line; a test holds it against the commands that have the option."""


def check_output(command: str, text: str) -> Any:
    """Return what a command has printed with ``--json``.

    Raises:
        pydantic.ValidationError: It is not of the command's shape.
    """
    return SHAPES[command].validate_json(text)
