"""All chosen attacks on one concept: the unlearned model beside the gold one."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from siu.attacks.attack import Attack
from siu.attacks.case import Case
from siu.attacks.observation import Curve, Finding, Observation
from siu.attacks.question_set import QuestionSet, taught_questions
from siu.attacks.scene import Scene
from siu.config.params import EvaluationParams
from siu.models import VisionLanguageModel
from siu.models.merged import adjustable_adapter


def run_attacks(
    attacks: Mapping[str, Attack],
    base: VisionLanguageModel,
    adapter: Path | None,
    cases: Sequence[Case],
    *,
    gold: VisionLanguageModel | None = None,
    questions: QuestionSet | None = None,
    params: EvaluationParams,
    seed: int,
    quotes: int = 24,
) -> Iterator[tuple[str, Finding]]:
    """Yield what each attack found, as it is done.

    Args:
        attacks: What is tried, by name.
        base: The base model.
        adapter: The adapter under attack; None attacks the base model itself.
        cases: The concept's case first (`build_cases`).
        gold: A model that never saw the concept.
        questions: What is asked in which language; None asks in those of `siu.language.phrasings`.
        params: Batch size and longest answer.
        seed: Start of every random number.
        quotes: Questions and answers that are kept of each attack, those that give something away first.
    """
    unknown = [case for case in cases if case.role == "strangers"]
    strangers = tuple(path for case in unknown for path in case.test)
    reference = tuple(path for case in unknown for path in case.fit)
    with adjustable_adapter(base, adapter) as (unlearned, strength):
        scene = Scene(
            unlearned,
            tuple(cases),
            strangers,
            reference,
            seed=seed,
            batch_size=params.batch_size,
            max_new_tokens=params.max_new_tokens,
            questions=questions or taught_questions(),
            strength=strength,
        )
        control = (
            None
            if gold is None
            else replace(scene, vlm=gold, cases=tuple(cases[:1]), state="gold", strength=None)
        )
        for name, attack in attacks.items():
            started = time.monotonic()
            observed = _run(attack, scene)
            controlled = None if control is None else _run(attack, control)
            yield (
                name,
                _finding(
                    name,
                    attack,
                    scene,
                    observed,
                    controlled,
                    seconds=time.monotonic() - started,
                    quotes=quotes,
                ),
            )


def _run(attack: Attack, scene: Scene) -> Observation:
    """Run an attack on equal random numbers, whatever ran before it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(scene.seed)
        return attack.run(scene)


def _finding(
    name: str,
    attack: Attack,
    scene: Scene,
    observed: Observation,
    gold: Observation | None,
    *,
    seconds: float,
    quotes: int,
) -> Finding:
    outcome = dict(zip(scene.cases, observed.outcomes, strict=True))
    strangers = [result for case, result in outcome.items() if case.role == "strangers"]
    curves = observed.curves + (() if gold is None else tuple(map(_of_gold, gold.curves)))
    finding = Finding(
        attack=name,
        concept=observed.outcomes[0],
        strangers=strangers[0] if strangers else None,
        retained=tuple(result for case, result in outcome.items() if case.role == "retained"),
        gold=None if gold is None else gold.outcomes[0],
        curves=curves,
        details=observed.details,
        gold_details={} if gold is None else gold.details,
        said=observed.said,
        budget=attack.model_dump(mode="json"),
        seed=scene.seed,
        seconds=round(seconds, 3),
        gives=attack.gives,
        gated=attack.counts and (gold is not None or not attack.needs_gold),
        controls=attack.controls,
    )
    leaks_first = sorted(
        observed.said, key=lambda answer: (not answer.right, answer.variant != finding.worst)
    )
    return replace(finding, said=tuple(leaks_first[:quotes]))


def _of_gold(curve: Curve) -> Curve:
    return replace(curve, name=f"gold model: {curve.name}")
