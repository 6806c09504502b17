"""More questions for a set: from templates, or written by a chat model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from string import Formatter

from siu.attacks.question_set.questions import QuestionPurpose, SetQuestion, built_in, load_tables
from siu.data.concepts import Kind
from siu.language import phrasings
from siu.language.matching import normalise

Writer = Callable[[Mapping["QuestionCell", int]], Mapping["QuestionCell", Sequence[str]]]
"""Writes questions, as many as asked for of each."""
QuestionCell = tuple[str, QuestionPurpose, Kind]
"""Language, purpose and kind of what is wanted."""
FIELDS: Mapping[QuestionPurpose, tuple[str, ...]] = {
    "name": (),
    "yes_no": ("name",),
    "multi_hop": ("question",),
}


def extended(
    questions: Sequence[SetQuestion], cells: Sequence[QuestionCell], count: int, writer: Writer | None = None
) -> tuple[SetQuestion, ...]:
    """Return the questions with up to ``count`` more of each wanted sort: written ones first, then templates.

    A written question is taken if it holds its field and no other, is not trained on and is not there yet.

    Args:
        questions: What is there; it stays as it is.
        cells: Which sorts are to grow.
        count: By how many each.
        writer: Writes questions; None leaves it to the templates.
    """
    written = writer(dict.fromkeys(cells, count)) if writer else {}
    grown = list(questions)
    for sort in cells:
        language, purpose, kind = sort
        seen = {
            normalise(question.text)
            for question in grown
            if (question.language, question.purpose, question.kind) == sort
        }
        seen |= _asked_anyway(sort)
        offered = (*filter(lambda text: fits(text, purpose), written.get(sort, ())), *_templates(sort))
        fresh = {normalise(text): text for text in reversed(offered) if normalise(text) not in seen}
        chosen = [text for text in offered if fresh.get(normalise(text)) == text][:count]
        grown += [SetQuestion(language, purpose, kind, text) for text in dict.fromkeys(chosen)]
    return tuple(grown)


def fits(text: str, purpose: QuestionPurpose) -> bool:
    """Return whether a question holds exactly the field of its purpose."""
    try:
        fields = tuple(field for _, field, _, _ in Formatter().parse(text) if field is not None)
    except ValueError:  # an odd brace
        return False
    plain = all(f"{{{field}}}" in text for field in fields)
    return bool(text) and plain and fields == FIELDS[purpose] and text.count("{") == len(fields)


def _templates(sort: QuestionCell) -> Iterator[str]:
    """Yield every opening before every question, evenly over the questions."""
    language, purpose, kind = sort
    between = "" if language == "zh" else " "
    yield from (question.text for question in built_in(purpose, kind, language))
    for opening, question in product(load_tables()[language]["openings"], built_in(purpose, kind, language)):
        yield f"{opening}{between}{question.text}"


def _asked_anyway(sort: QuestionCell) -> set[str]:
    """Return what is trained on or asked without a set of one's own, normalised."""
    language, purpose, kind = sort
    if purpose == "multi_hop":
        return set()
    if language not in phrasings.languages():
        return {normalise(question.text) for question in built_in(purpose, kind, language)}
    return {
        normalise(text)
        for split in ("train", "test")
        for text in phrasings.questions(purpose, kind, split=split, language=language, name="{name}")
    }
