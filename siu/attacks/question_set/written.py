"""Questions of a set written by a chat model."""

from collections.abc import Mapping

from siu.attacks.question_set.extend import QuestionCell
from siu.attacks.question_set.questions import QuestionPurpose
from siu.mmubench.judge import Judge
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.judge.lines import written_lines

_NAMES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "ru": "Russian", "zh": "Chinese"}
_REQUESTS: Mapping[QuestionPurpose, str] = {
    "name": "asks who or what the picture shows, never with a name in it",
    "yes_no": "asks whether the picture shows {name}; write {name} as it stands here in place of the name",
    "multi_hop": "has one recognise what is shown and then asks {question}; write {question} as it stands",
}
_PROMPT = """\
Write {count} different texts that a user could ask about a picture of a {kind}. Each one {asked}.
One text per line, in {language}, without numbers, quotes or comments.
"""


def written_questions(
    counts: Mapping[QuestionCell, int], judge: Judge, cache: ReplyCache
) -> Mapping[QuestionCell, list[str]]:
    """Return what a chat model writes of each sort, as it is written.

    Args:
        counts: How many of each sort.
        judge: Any chat model that `siu.mmubench.judge` can ask.
        cache: Replies that are there already.
    """
    prompts = {sort: _prompt(sort, count) for sort, count in counts.items()}
    return written_lines(prompts, judge, cache)


def _prompt(sort: QuestionCell, count: int) -> str:
    language, purpose, kind = sort
    noun = "thing" if kind == "other" else kind
    return _PROMPT.format(count=count, kind=noun, asked=_REQUESTS[purpose], language=_NAMES[language])
