"""The self-check: are the measurements right where it is known what is right?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from siu.config.params import Params
from siu.data.collection import Collection
from siu.finetuning_data import picture_paths
from siu.mmubench import Question, Records, answer_questions, retained_questions, select, unseen_questions
from siu.mmubench.metrics.garbled import is_garbled
from siu.models import VisionLanguageModel, load_model
from siu.selfcheck.controls import COLLAPSED, DENIES, denying, make_controls, teacher
from siu.selfcheck.planted import DRAWS as PLANTED_DRAWS
from siu.selfcheck.planted import FALSE_ERASED, RATES, Honest, PlantedResult, planted_results
from siu.selfcheck.separation import DRAWS, Case, Separation, separations
from siu.selfcheck.speed import Changed, changed_answers
from siu.selfcheck.verdicts import BASE, GOLD, ControlResult, control_result, without_facts

SPEED_QUESTIONS = 400
Say = Callable[[str], None]


@dataclass(frozen=True)
class SelfCheck:
    """What came out.

    Attributes:
        controls: The verdicts on models of which the right one is known.
        separations: Every metric's AUC.
        changed: Answers that depend on batches or precision.
        planted: How often a concept that still comes out by one route is called `erased`.
    """

    controls: tuple[ControlResult, ...]
    separations: tuple[Separation, ...]
    changed: tuple[Changed, ...]
    planted: tuple[PlantedResult, ...]

    @property
    def passed(self) -> bool:
        """Whether controls got their verdicts, leaks were seen, and batches change no float32 answer."""
        right = all(control.right == len(control.verdicts) for control in self.controls)
        clear = [result for result in self.planted if result.rate == max(RATES)]
        seen = all(result.erased <= FALSE_ERASED * result.verdicts for result in clear)
        return right and seen and self.changed[0].share == 0


@dataclass(frozen=True)
class _World:
    collection: Collection
    paths: dict[str, Path]
    params: Params

    def ask(self, vlm: VisionLanguageModel, adapter: Path | None, questions: Sequence[Question]) -> Records:
        return answer_questions(vlm, adapter, questions, self.paths, self.params.evaluation)


def self_check(
    params: Params,
    collection: Collection,
    gold: Path,
    without: Sequence[str],
    folder: Path,
    *,
    speed_questions: int = SPEED_QUESTIONS,
    draws: int = DRAWS,
    planted_draws: int = PLANTED_DRAWS,
    say: Say = lambda what: None,
) -> SelfCheck:
    """Run the controls, and ask which metrics see what the gold model never saw.

    Args:
        params: The base model, how much is asked, the gates.
        collection: Concepts and pictures.
        gold: The gold model's folder.
        without: Ids of the concepts that the gold model never saw; the controls are measured on them.
        folder: Where the controls' adapters go.
        speed_questions: How many questions batches and precisions are compared on.
        draws: Bootstrap draws per concept and model.
        planted_draws: Verdicts per concept, kind of leak and rate.
        say: Told what is done next.
    """
    world = _World(collection, picture_paths(collection), params)
    shown = [concept for concept in collection.concepts if concept.id not in without]
    settings = params.evaluation
    by_concept = {
        concept.id: unseen_questions(collection, concept, settings) for concept in collection.concepts
    }
    retained = retained_questions(collection, settings, without=frozenset(without))
    questions = _distinct(*by_concept.values(), retained)
    on_controls = {concept_id: (*by_concept[concept_id], *retained) for concept_id in without}
    controlled = _distinct(*on_controls.values())

    say("asking the base model")
    vlm = load_model(params.base_model, params.runtime)
    before = world.ask(vlm, None, questions)
    say("asking the gold model")
    named = params.base_model.model_copy(update={"source": str(gold)})
    never = world.ask(load_model(named, params.runtime), None, questions)
    say(f"training controls on {shown[0].id}")
    controls = make_controls(
        teacher(vlm, collection, shown[0], params, folder), folder, on_made=lambda name: say(f"made: {name}")
    )
    states = {BASE: select(before, controlled)}
    for name, adapter in controls.items():
        say(f"asking: {name}")
        states[name] = world.ask(vlm, adapter, controlled)
    states[GOLD] = select(never, controlled)
    states[DENIES] = denying(states[GOLD])
    say("scoring")
    results = tuple(
        control_result(name, before, records, on_controls, params) for name, records in states.items()
    )
    cases = [
        *(_case(before, before, on_controls[concept_id], knows=True) for concept_id in without),
        *(_case(before, never, on_controls[concept_id], knows=False) for concept_id in without),
        *(
            _case(before, never, _questions_of(concept.id, by_concept, retained), knows=True)
            for concept in shown
        ),
    ]
    separated = separations(cases, params.attacks, draws=draws)
    say("comparing batches and precisions")
    changed = changed_answers(vlm, _spread(controlled, speed_questions), world.paths, params)
    say("planting leaks")
    garbled = [record for record in states[COLLAPSED].values() if is_garbled(record)]
    honest = [
        Honest(select(before, of_concept), select(never, of_concept), garbled)
        for of_concept in on_controls.values()
    ]
    planted = planted_results(honest, without_facts(params.gates), draws=planted_draws)
    return SelfCheck(results, separated, changed, planted)


def _case(before: Records, after: Records, questions: Sequence[Question], *, knows: bool) -> Case:
    return Case(select(before, questions), select(after, questions), knows)


def _distinct(*lists: Sequence[Question]) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


def _questions_of(
    concept_id: str, by_concept: Mapping[str, Sequence[Question]], retained: Sequence[Question]
) -> tuple[Question, ...]:
    """Return the questions about a concept, and the retained ones about all others."""
    return (*by_concept[concept_id], *(question for question in retained if question.concept != concept_id))


def _spread(questions: Sequence[Question], count: int) -> Sequence[Question]:
    return questions[:: max(1, len(questions) // count)]
