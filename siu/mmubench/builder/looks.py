"""Questions about looks: asked to the base model twice, kept where both answers say the same.

Nobody labels the user's pictures, so the right answer is what the base model says before unlearning. Such a
question measures whether that answer is *kept*, not whether it is true.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.config.params import EvaluationParams
from siu.data.concepts import Concept, Kind, PictureQuestion
from siu.language.identity import named
from siu.language.matching import mentions
from siu.mmubench.builder.wordings import templates
from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate


@dataclass(frozen=True)
class LookQuestion:
    """One question about looks.

    Attributes:
        measured: The wording that is only measured.
        trained: The wording that fine-tuning data may use.
        answers: The words that an answer can hold.
    """

    measured: str
    trained: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Looks:
    """The questions about one picture's looks, in both wordings.

    Attributes:
        measured: For a test picture.
        trained: For the training picture.
    """

    measured: tuple[PictureQuestion, ...] = ()
    trained: tuple[PictureQuestion, ...] = ()


def look_questions(kind: Kind) -> tuple[LookQuestion, ...]:
    """Return the questions about looks for a kind, those of its own first."""
    tables = templates()["attributes"]
    entries = [*tables.get(kind, ()), *tables["any"]]
    return tuple(
        LookQuestion(entry["questions"][0], entry["questions"][1], tuple(_flat(entry["answers"])))
        for entry in entries
    )


def ask_looks(
    vlm: VisionLanguageModel,
    concept: Concept,
    pictures: Sequence[Path],
    params: EvaluationParams,
    *,
    limit: int,
    on_done: Callable[[int], None] = lambda count: None,
) -> list[Looks]:
    """Return the questions about the looks of each picture that the base model answers consistently.

    Args:
        vlm: The base model.
        concept: What the pictures show; an answer that names it is no answer about looks.
        pictures: Clean picture files.
        params: Batch size and longest answer.
        limit: Questions per picture; which ones differs from picture to picture.
        on_done: Called with the number of questions answered by each batch.
    """
    known = look_questions(concept.kind)
    chosen = [
        [known[(index * limit + offset) % len(known)] for offset in range(min(limit, len(known)))]
        for index in range(len(pictures))
    ]
    turns = [
        Turn(text, picture=picture)
        for picture, questions in zip(pictures, chosen, strict=True)
        for question in questions
        for text in (question.measured, question.trained)
    ]
    encoder = TurnEncoder(vlm)
    replies = iter(
        generate(
            vlm,
            [encoder.encode(turn) for turn in turns],
            max_new_tokens=params.max_new_tokens,
            batch_size=params.batch_size,
            on_done=on_done,
        )
    )
    names = (concept.name, *concept.aliases)
    pairs = [[(question, next(replies), next(replies)) for question in questions] for questions in chosen]
    return [_agreed(answered, names) for answered in pairs]


def _agreed(answered: Sequence[tuple[LookQuestion, str, str]], names: Sequence[str]) -> Looks:
    measured, trained = [], []
    for question, measured_reply, trained_reply in answered:
        keyword = _matching_answer(measured_reply, question.answers)
        if (
            keyword
            and keyword == _matching_answer(trained_reply, question.answers)
            and not named(f"{measured_reply} {trained_reply}", names)
        ):
            measured.append(PictureQuestion(question.measured, measured_reply, keyword))
            trained.append(PictureQuestion(question.trained, trained_reply, keyword))
    return Looks(tuple(measured), tuple(trained))


def _matching_answer(reply: str, answers: Sequence[str]) -> str | None:
    """Return the one answer that a reply holds; None if it holds none or several."""
    matches = [word for word in answers if mentions(reply, (word,))]
    return matches[0] if len(matches) == 1 else None


def _flat(words: Sequence[str | Sequence[str]]) -> Iterator[str]:
    """Yield the words of a list whose entries may be lists themselves."""
    for word in words:
        yield from (word,) if isinstance(word, str) else word
