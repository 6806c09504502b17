"""What the attacks ask in which language, of the base model that parameters name."""

from pathlib import Path

from siu.attacks.question_set.questions import QuestionSet, set_languages, taught_questions
from siu.attacks.question_set.table import read_questions
from siu.config.params import Params


def attack_questions(params: Params, root: Path) -> QuestionSet:
    """Return the questions: those of `attacks.questions` too, where it names a table.

    The embedded model is asked in the languages that it was taught, any other one in all six.

    Args:
        params: Names the base model and the table.
        root: What a relative path of the table is relative to.

    Raises:
        PreflightError: The table can't be read.
    """
    embedded = params.base_model.source == "embedded"
    languages = taught_questions().languages if embedded else set_languages()
    table = params.attacks.questions
    return QuestionSet(languages, read_questions(root / table) if table else ())
