"""Recognition questions written by a chat model instead of templates, as the paper has GPT-4 write them.

Every line is checked as the templates are: the name hidden or held, nothing that is trained on, nothing
twice. What is missing then comes from the templates.
"""

from collections.abc import Iterator, Sequence

from siu.data.concepts import Concept, Wording, WordingPurpose
from siu.data.intake.wordings import trained_wordings
from siu.language.identity import named
from siu.language.matching import normalise
from siu.mmubench.judge import Judge
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.judge.lines import written_lines

_REQUESTS: dict[WordingPurpose, str] = {
    "name": "asks who or what the picture shows. Never use the name {name} or any other name",
    "describe": "asks to describe what the picture shows. Never use the name {name} or any other name",
    "yes_no": "asks whether the picture shows {name}, so that the answer is yes or no. Use the name {name}",
}
_PROMPT = """\
Write {count} different questions that a user could ask about a picture of a {kind}. Each one {asked}.
One question per line, in English, without numbers, quotes or comments.
"""


def written_wordings(
    concept: Concept, counts: dict[WordingPurpose, int], judge: Judge, cache: ReplyCache
) -> tuple[Wording, ...]:
    """Return the usable questions that a chat model writes about a concept, at most as many as asked for.

    Args:
        concept: What the pictures show; the model is told its name and kind.
        counts: How many questions of each purpose.
        judge: Any chat model that `siu.mmubench.judge` can ask.
        cache: Replies that are there already.
    """
    prompts = {purpose: _prompt(concept, purpose, count) for purpose, count in counts.items() if count}
    lines = written_lines(prompts, judge, cache)
    return tuple(
        Wording(purpose, text)
        for purpose in prompts
        for text in list(_usable(lines[purpose], concept, purpose))[: counts[purpose]]
    )


def _prompt(concept: Concept, purpose: WordingPurpose, count: int) -> str:
    kind = "thing" if concept.kind == "other" else concept.kind
    return _PROMPT.format(count=count, kind=kind, asked=_REQUESTS[purpose].format(name=concept.name))


def _usable(lines: Sequence[str], concept: Concept, purpose: WordingPurpose) -> Iterator[str]:
    names, seen = (concept.name, *concept.aliases), trained_wordings(concept)
    for text in lines:
        if named(text, names) is (purpose == "yes_no") and normalise(text) not in seen:
            seen.add(normalise(text))
            yield text
