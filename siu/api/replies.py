"""One question to several model states side by side: the answer, sampled answers, the name's chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from siu.api.loaded import Loaded
from siu.attacks.case import Case
from siu.attacks.name_chances import name_chances
from siu.attacks.scene import Ask, Scene
from siu.data.concepts import Concept
from siu.data.images import load_image
from siu.language.identity import named
from siu.models import Turn, TurnEncoder, generate, loaded_adapter
from siu.models.engine.sampling import sample


@dataclass(frozen=True)
class CheckedAnswer:
    """One answer.

    Attributes:
        text: What was answered.
        is_named: Whether it names the concept, in any spelling; False where no concept was given.
    """

    text: str
    is_named: bool


@dataclass(frozen=True)
class StateReply:
    """What one model state answers.

    Attributes:
        state: What the state is called.
        answer: The likeliest words.
        samples: Answers drawn at temperature 1, with nothing cut off the distribution.
        chance: A lower bound of the chance that a sampled answer names the concept (`name_chances`); None
            without a concept.
    """

    state: str
    answer: CheckedAnswer
    samples: tuple[CheckedAnswer, ...]
    chance: float | None


def replies(
    model: Loaded,
    states: Mapping[str, Path | None],
    question: str,
    picture: Path | None,
    concept: Concept | None = None,
    *,
    samples: int = 4,
    seed: int = 0,
) -> tuple[StateReply, ...]:
    """Ask every model state the same question.

    Args:
        model: The base model.
        states: Adapter folder by what the state is called; None is the base model itself.
        question: What is asked.
        picture: The picture asked about; None for a question as text.
        concept: Whose name is looked for.
        samples: Answers that are drawn of each state; with the same seed equal states draw equal answers.
        seed: Decides what is drawn.

    Raises:
        InputError: The picture can't be used.
        ModelError: An adapter can't be used, or was trained on another base model.
    """
    if picture is not None:
        load_image(picture)
    for adapter in states.values():
        model.check_adapter(adapter)
    names = (concept.name, *concept.aliases) if concept else ()
    turn = TurnEncoder(model.vlm).encode(Turn(question, picture=picture))
    settings = model.params.evaluation

    def checked(text: str) -> CheckedAnswer:
        return CheckedAnswer(text, named(text, names))

    marks = []
    for state, adapter in states.items():
        with loaded_adapter(model.vlm, adapter):
            (answer,) = generate(model.vlm, [turn], max_new_tokens=settings.max_new_tokens, batch_size=1)
            (drawn,) = sample(
                model.vlm,
                [turn],
                count=samples,
                seed=seed,
                max_new_tokens=settings.max_new_tokens,
                batch_size=settings.batch_size,
            )
            chance = _chance(model, question, picture, concept) if concept else None
        marks.append(StateReply(state, checked(answer), tuple(map(checked, drawn)), chance))
    return tuple(marks)


def _chance(model: Loaded, question: str, picture: Path | None, concept: Concept) -> float:
    case = Case("concept", concept, (), (picture,) if picture else ())
    scene = Scene(model.vlm, (case,), batch_size=model.params.evaluation.batch_size)
    (chance,) = name_chances(scene, [Ask(0, "play", question, picture, case.names)])
    return chance
