"""What an adapter forgot, what it cost, and what can be brought back: of one concept, in this process."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from siu.api.loaded import Loaded
from siu.attacks.case import build_cases
from siu.attacks.observation import Finding
from siu.attacks.question_set.chosen import attack_questions
from siu.attacks.registry import chosen_attacks
from siu.attacks.suite import run_attacks
from siu.config.profiles import Profile
from siu.errors import InputError
from siu.evaluation import Evaluation, RecordFolder, score_records
from siu.evaluation import evaluate as measure
from siu.evaluation.part import OnDone, Part
from siu.finetuning_data import held_out_concepts
from siu.mmubench import answer_questions


def evaluate(
    model: Loaded,
    concept: str,
    adapter: Path | str | None = None,
    *,
    allow_other_base: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Ask the questions of MMUBench about a concept and all that must stay, before and after.

    Args:
        model: The base model and what it is measured on.
        concept: Id or name of a concept of the collection.
        adapter: The adapter's folder; None measures the base model alone.
        allow_other_base: Whether another base model is taken than the adapter was trained on, if it fits.
        on_progress: Called with the number of answers that are there and that are needed.

    Returns:
        ``before`` and, with an adapter, ``after``: metric to value, None where it wasn't measured;
        ``intervals`` and ``units`` of each; with an adapter ``verdict``, ``assurance`` (``records``: nothing
        was attacked), ``reasons`` and ``notes``. As `siu evaluate --json` has it for one concept.

    Raises:
        InputError: ``E-API-001`` the collection has no such concept.
        ModelError: The adapter can't be used.
    """
    folder, target = Path(adapter) if adapter else None, model.concept(concept)
    is_other = model.check_adapter(folder, allow_other_base=allow_other_base)
    share, seed = model.params.finetuning_data.held_out, model.params.seed
    evaluation = Evaluation(
        model.params,
        model.collection,
        (target.id,),
        folder,
        root=model.root,
        held_out=held_out_concepts(model.collection.concepts, share, seed),
        other_base=is_other,
    )
    with tempfile.TemporaryDirectory(dir=model.scratch) as place:
        measure(evaluation, Path(place), on_progress=on_progress, work=_asking(model))
        scores: dict[str, Any] = score_records(Path(place))["concepts"][target.id]
    return scores


def attack(
    model: Loaded,
    concept: str,
    adapter: Path | str | None,
    *,
    profile: Profile = "quick",
    only: Sequence[str] = (),
    allow_other_base: bool = False,
    on_finding: Callable[[Finding], None] = lambda finding: None,
) -> list[Finding]:
    """Try to bring a concept back, beside the controls (docs/reference/attacks.md).

    Args:
        model: The base model and the collection.
        concept: Id or name of a concept of the collection.
        adapter: The adapter under attack; None attacks the base model itself.
        profile: How much is tried: ``quick``, ``standard`` or ``thorough``.
        only: These attacks alone, with the profile's budget.
        allow_other_base: Whether another base model is taken than the adapter was trained on, if it fits.
        on_finding: Called as each attack is done.

    Raises:
        InputError: ``E-API-001`` the collection has no such concept, ``002`` there is no such attack.
        ModelError: The adapter or the gold model can't be used.
    """
    params, target = model.params, model.concept(concept)
    try:
        attacks = chosen_attacks(profile, only, params.attacks.options)
    except ValueError as error:
        raise InputError("E-API-002", str(error), "See docs/reference/attacks.md") from error
    folder = Path(adapter) if adapter else None
    model.check_adapter(folder, allow_other_base=allow_other_base)
    unseen = model.gold[0].without if model.gold else ()
    cases = build_cases(
        model.collection, target, retained=params.attacks.retained, seed=params.seed, without=unseen
    )
    findings = []
    for _, finding in run_attacks(
        attacks,
        model.whole,
        folder,
        cases,
        gold=model.gold[1] if model.gold and target.id in unseen else None,
        questions=attack_questions(params, model.root),
        params=params.evaluation,
        seed=params.seed,
        quotes=params.attacks.said,
    ):
        findings.append(finding)
        on_finding(finding)
    return findings


def _asking(model: Loaded) -> Callable[[Sequence[Part], OnDone], None]:
    """Return who answers: the model at hand, and for a gold model the one that its part names."""

    def work(parts: Sequence[Part], on_done: OnDone) -> None:
        for part in parts:
            if part.state.model != model.vlm.digest:
                part.answer(on_done)
                continue
            records = answer_questions(
                model.vlm, part.adapter, part.questions, part.paths, part.params.evaluation, on_done=on_done
            )
            RecordFolder(part.records).append(part.state.digest, records)

    return work
