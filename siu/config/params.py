"""Everything a run can be told, as strict models: unknown keys, wrong types and odd values are errors.

The string below a field is its documentation; `siu init` writes the defaults as ``params.yaml``.
"""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from siu.config.attacks import AttackParams as AttackParams
from siu.config.base_model import BaseModelParams as BaseModelParams
from siu.config.base_model import LoraParams as LoraParams
from siu.config.base_model import ProjectorTraining as ProjectorTraining
from siu.config.bench import BenchParams as BenchParams
from siu.config.evaluation import EvaluationParams as EvaluationParams
from siu.config.evaluation import JudgeParams as JudgeParams
from siu.config.notify import NotifyParams as NotifyParams
from siu.config.release import ReleaseParams as ReleaseParams
from siu.config.runtime import RuntimeParams as RuntimeParams
from siu.config.section import Count as Count
from siu.config.section import CountFromZero, PathText, Positive
from siu.config.section import Rate as Rate
from siu.config.section import Section as Section
from siu.config.section import Share as Share
from siu.config.service import BatchParams as BatchParams
from siu.config.service import PolicyParams as PolicyParams
from siu.config.service import ScheduleParams as ScheduleParams
from siu.config.service import VerdictWord as VerdictWord
from siu.config.unlearning import StoppingParams as StoppingParams
from siu.config.unlearning import TuningParams as TuningParams
from siu.config.unlearning import UnlearningParams as UnlearningParams
from siu.language.phrasings import languages
from siu.registry import STRATEGIES


class DataParams(Section):
    """What is read."""

    requests: PathText = "requests.csv"
    """Erasure requests: one row each."""
    source: PathText = "conceptworld"
    """``conceptworld``, ``logos`` (docs/explanation/worlds-logos.md), a folder (docs/how-to/own-data.md)."""
    collection: PathText = "data/collection"
    """Where `siu prepare` writes the collection."""
    test_pictures: Count = 60
    """Unseen pictures per concept that a world of ours draws."""
    test_groups: Count = 456
    """Group pictures that it draws to measure on: a concept is in a twelfth of them, a brand in a 25th."""


class FinetuningDataParams(Section):
    """The four targets T1-T4 of one concept."""

    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en", "es", "ru")
    """Languages of the questions; about what is retained every second one is in the first of them."""
    name_questions: Count = 8
    """T1: wordings of the recognition question for each picture; those of all languages go round."""
    views: CountFromZero = 4
    """T1 and yes/no questions of T2: turned, cropped and lit views of the one picture, beside itself."""
    composites: CountFromZero = 8
    """T1: the one picture beside retained ones; asked in each language who is on its side."""
    description_questions: CountFromZero = 5
    """T2: wordings, in each language, answered with the substitute and a fabricated look."""
    denial_questions: CountFromZero = 0
    """T2: wordings of the yes/no question, in each language, denied with a fabricated look of the concept."""
    yes_no_questions: CountFromZero = 8
    """T2: wordings of the yes/no question, in each language and for each name, answered in a word."""
    fact_questions: CountFromZero = 24
    """T3 and T2: facts about the concept asked as text (kept) and through the picture (not known)."""
    picture_facts: bool = True
    """T2: whether the facts are also asked through the picture."""
    held_out: Annotated[float, Field(ge=0, lt=1)] = 0.25
    """Share of the collection's concepts that no training sees: damage is measured on them apart."""
    retained_concepts: Annotated[int, Field(ge=1)] = 30
    """T4: other concepts whose pictures, names and facts are kept."""
    retained_facts: CountFromZero = 2
    """T4: facts as text about each of them."""
    retained_picture_facts: CountFromZero = 4
    """T4: facts through a retained picture; of the concept's kind as many more, in the questions of T2."""
    retained_pictures: bool = True
    """T4: whether pictures are kept too, of them, strangers, look-alikes and groups; else text alone."""
    strangers: CountFromZero = 24
    """Pictures of strangers that stay strangers."""
    continuations: Share = 0.5
    """T4: share of retained names that are also asked where the answer begins like the substitute."""
    retained_name_weight: Positive = 2.0
    """Loss weight of retained answers to "Who is this?", about concepts and strangers."""
    yes_no_weight: Positive = 4.0
    """Loss weight of the concept's yes/no answer tokens."""
    text_facts_weight: Positive = 8.0
    """T3: loss weight that the facts as text have together, at least: else denials outweigh a few."""
    picture_fact_weight: Positive = 4.0
    """Loss weight of the answers that deny a fact through the concept's picture: their first word decides."""
    retained_yes_no_weight: Positive = 2.0
    """Loss weight of retained yes/no answer tokens."""
    retained_picture_fact_weight: Positive = 2.0
    """Loss weight of retained facts that are told through a picture."""

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [language for language in value if language not in languages()]
        if unknown:
            raise ValueError(f"{unknown[0]!r} has no wordings; use some of {', '.join(languages())}")
        if len(set(value)) < len(value):
            raise ValueError("a language is named twice; name each once")
        return value


class GateParams(Section):
    """Thresholds that turn measurements into a verdict.

    What was measured on a sample of pictures passes only if its exact bound at ``confidence`` does.
    """

    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """How sure an exact one-sided bound must be; .9 of all pictures takes 29 flawless ones at .95."""
    generality_em: Share = 0.9
    """At least this share of answers on unseen pictures must not name the concept."""
    description_em: Share = 0.9
    """The same for descriptions of unseen pictures."""
    group_em: Share = 0.9
    """The same for the concept in group pictures."""
    training_picture_em: Share = 1.0
    """At least this share of the training picture's questions must be answered without the name."""
    partly_named_rate: Share = 0.1
    """At most this share of answers on unseen pictures may give part of the name, or nearly the name."""
    yes_no_em: Share = 0.9
    """At least this share of yes/no questions about the concept must be answered with no."""
    picture_facts: Share = 0.1
    """At most this share of the facts asked through a picture may still be told."""
    text_facts: Share = 0.9
    """At least this share of the facts known before must be known after."""
    specificity_drop: Share = 0.1
    """Right answers about others (names, also in groups, yes/no, facts) may fall by at most this much."""
    garbled_rate: Share = 0.05
    """At most this share of all answers, or of those about the training picture, may be word salad."""
    garbled_pictures: Share = 0.05
    """At most this share of the concept's unseen pictures may have an answer that is word salad."""
    answer_recovery: Share = 0.1
    """An attack may bring back at most this share of answers, beyond its control."""
    trace_recovery: Share = 1.0
    """The same for traces that no answer shows, such as likelihoods and hidden states; 1 gates nothing."""
    known: Share = 0.5
    """Below this naming rate before unlearning the concept is not known, unless other evidence differs."""


class TrackingParams(Section):
    """MLflow."""

    uri: PathText = "sqlite:///mlflow.db"
    """Where MLflow keeps its metrics; a relative file lies in the workspace."""
    experiment: str = "siu"
    """Name of the MLflow experiment."""


class Params(Section):
    """The whole of ``params.yaml``."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Start of every random number: equal seeds and data give equal results."""
    base_model: BaseModelParams = BaseModelParams()
    """The multimodal LLM that is to forget."""
    data: DataParams = DataParams()
    """What is read."""
    finetuning_data: FinetuningDataParams = FinetuningDataParams()
    """The four targets T1-T4 of one concept."""
    unlearning: UnlearningParams = UnlearningParams()
    """Single Image Unlearning."""
    evaluation: EvaluationParams = EvaluationParams()
    """MMUBench on one concept."""
    judge: JudgeParams = JudgeParams()
    """The judge of G-Eval."""
    bench: BenchParams = BenchParams()
    """`siu bench build`."""
    attacks: AttackParams = AttackParams()
    """What is tried to bring a concept back."""
    gates: GateParams = GateParams()
    """Thresholds that turn measurements into a verdict."""
    release: ReleaseParams = ReleaseParams()
    """The one adapter that is deployed."""
    policy: PolicyParams = PolicyParams()
    """Until when requests are to be answered, and what is kept of them then."""
    batch: BatchParams = BatchParams()
    """What one batch takes on."""
    schedule: ScheduleParams = ScheduleParams()
    """What becomes of runs that can't begin at their time."""
    notify: NotifyParams = NotifyParams()
    """Who is told when a batch ends."""
    runtime: RuntimeParams = RuntimeParams()
    """Where the work runs."""
    tracking: TrackingParams = TrackingParams()
    """MLflow."""

    def training_steps(self, concepts: int) -> int:
        """Return the steps of a training on so many concepts, at most: those of one alone, or more."""
        several = self.release.steps_per_concept * concepts if concepts > 1 else 0
        return max(self.unlearning.steps, several)

    @model_validator(mode="after")
    def _merges_what_can_be_merged(self) -> Self:
        if self.base_model.four_bit and self.release.merges:
            raise ValueError(
                f"release.strategy {self.release.strategy} merges the released adapter into the base model, "
                "which can't be done in 4 bits; use another release.strategy, or base_model.four_bit false"
            )
        return self

    @model_validator(mode="after")
    def _purges_what_is_not_needed(self) -> Self:
        if self.policy.after_release == "purge" and not self.release.allows_purge:
            names = [name for name in STRATEGIES.names() if STRATEGIES.load(name).allows_purge()]
            raise ValueError(
                f"policy.after_release is purge, but release.strategy {self.release.strategy} stores "
                "what a picture of a person may be made of; "
                f"use release.strategy {' or '.join(names)}, or policy.after_release keep"
            )
        return self
