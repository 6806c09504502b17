"""MMUBench: questions, records and metrics of forgetting one concept.

What asks a model is imported when it is used: who reads records needs neither torch nor transformers.
"""

from typing import TYPE_CHECKING, Any

from siu.mmubench.concept_questions import concept_questions, unseen_questions
from siu.mmubench.question import Question
from siu.mmubench.records import Record, Records, load_records, save_records, select
from siu.mmubench.retained_questions import retained_questions
from siu.mmubench.scorecard import Intervals, Scorecard, intervals, scorecard, scorecards

if TYPE_CHECKING:
    from siu.mmubench.answering import answer_questions

__all__ = [
    "Intervals",
    "Question",
    "Record",
    "Records",
    "Scorecard",
    "answer_questions",
    "concept_questions",
    "intervals",
    "load_records",
    "retained_questions",
    "save_records",
    "scorecard",
    "scorecards",
    "select",
    "unseen_questions",
]


def __getattr__(name: str) -> Any:
    if name == "answer_questions":
        from siu.mmubench.answering import answer_questions

        return answer_questions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
