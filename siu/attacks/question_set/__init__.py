"""The multilingual and multi-hop questions of the attacks: built in, and more of one's own."""

from siu.attacks.question_set.questions import (
    PURPOSES,
    QuestionPurpose,
    QuestionSet,
    SetQuestion,
    affirms,
    built_in,
    set_languages,
    taught_questions,
)

__all__ = [
    "PURPOSES",
    "QuestionPurpose",
    "QuestionSet",
    "SetQuestion",
    "affirms",
    "built_in",
    "set_languages",
    "taught_questions",
]
