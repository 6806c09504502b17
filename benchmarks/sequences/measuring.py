"""What is measured after every release: each concept that was forgotten so far, and what must stay."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from siu.attacks.leak_rates import leak_by_samples
from siu.config.params import EvaluationParams, Params
from siu.data.collection import Collection
from siu.data.concepts import Concept, Picture
from siu.finetuning_data import held_out_concepts, picture_paths
from siu.language.identity import named
from siu.language.phrasings import questions
from siu.mmubench import Question, answer_questions, retained_questions, unseen_questions
from siu.mmubench.metrics import description_em, generality_em, text_facts, yes_no_em
from siu.mmubench.metrics.share import right
from siu.mmubench.records import Record, Records, with_purpose
from siu.models import Turn, TurnEncoder, VisionLanguageModel, loaded_adapter
from siu.models.engine.sampling import sample
from siu.statistics.exact import lower_bound

PICTURES = 30
"""Unseen pictures per concept: 29 flawless ones have an exact lower bound of .9."""
DESCRIBED = 6
"""Of these, pictures that are described."""
SAMPLED, DRAWN, K = 3, 10, 10
"""Pictures of a concept about which answers are drawn, answers to each question, and k of leak@k."""
METRICS = {
    "em": generality_em,
    "yes_no": yes_no_em,
    "description": description_em,
    "text_facts": text_facts,
}
_COUNTS = {"name": PICTURES, "yes_no": 15, "describe": DESCRIBED, "text_fact": 4}
"""Questions about a concept, by purpose, at most."""
_RETAINED = ("other_name", "other_fact", "other_text_fact")


def measure(
    vlm: VisionLanguageModel,
    adapter: Path | None,
    collection: Collection,
    concepts: Sequence[Concept],
    params: Params,
    *,
    leaks: bool = True,
) -> dict[str, Any]:
    """Return what one release does.

    Args:
        vlm: The base model.
        adapter: The release; None measures the base model.
        collection: Unseen pictures.
        concepts: What was forgotten so far.
        params: The configuration that the release was trained with.
        leaks: Whether answers are drawn, which takes longest.
    """
    settings = EvaluationParams(pictures=PICTURES, questions_per_picture=1, other_pictures=6, other_groups=1)
    paths = picture_paths(collection)
    by_concept = {concept.id: _some(unseen_questions(collection, concept, settings)) for concept in concepts}
    forgotten = frozenset(by_concept)
    held_out = held_out_concepts(collection.concepts, params.finetuning_data.held_out, params.seed)
    retained = [
        question
        for question in retained_questions(
            collection, settings, without=forgotten, held_out=held_out - forgotten
        )
        if question.purpose in _RETAINED
    ]
    every = [question for questions in by_concept.values() for question in questions] + retained
    records = answer_questions(vlm, adapter, every, paths, settings)
    leaking = _leaks(vlm, adapter, collection, concepts, params) if leaks else {}
    scores = {
        concept: _of_concept([records[question.id] for question in questions]) | leaking.get(concept, {})
        for concept, questions in by_concept.items()
    }
    return {"concepts": scores, "others": _of_others([records[question.id] for question in retained])}


def _some(questions: Iterable[Question]) -> list[Question]:
    left, chosen = dict(_COUNTS), list[Question]()
    for question in questions:
        if left.get(question.purpose, 0) > 0:
            left[question.purpose] -= 1
            chosen.append(question)
    return chosen


def _of_concept(records: Sequence[Record]) -> dict[str, float]:
    keyed = {record.question.id: record for record in records}
    shares = {name: metric(keyed) for name, metric in METRICS.items()}
    values = {name: share for name, share in shares.items() if share is not None}
    return values | {"em_bound": _bound(keyed, values["em"])}


def _bound(records: Records, share: float) -> float:
    pictures = len({record.question.picture for record in with_purpose(records, "name")})
    return lower_bound(share * pictures, pictures)


def _of_others(records: Iterable[Record]) -> dict[str, float]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        question = record.question
        prefix = "held_out" if question.held_out else "retained"
        groups.setdefault(f"{prefix}_{question.purpose.removeprefix('other_')}", []).append(record)
    shares = {name: sum(map(right, records)) / len(records) for name, records in groups.items()}
    texts = [
        score
        for name, records in groups.items()
        if name.endswith("text_fact")
        for record in records
        for score in record.expected_log_probs
    ]
    return shares | {"text_perplexity": math.exp(-sum(texts) / len(texts))}


def _leaks(
    vlm: VisionLanguageModel,
    adapter: Path | None,
    collection: Collection,
    concepts: Sequence[Concept],
    params: Params,
) -> dict[str, dict[str, float]]:
    """Return leak@k of each concept: its own pictures, strangers', and the difference; the worse question."""
    encoder = TurnEncoder(vlm)
    prompts: list[tuple[Concept, str, str, Turn]] = []
    for concept in concepts:
        strangers = [
            picture for picture in collection.pictures_of(role="stranger") if picture.kind == concept.kind
        ]
        for whose, pictures in (("own", collection.pictures_of(concept.id)), ("strangers", strangers)):
            for purpose, number, picture in _questioned(pictures):
                texts = questions(purpose, concept.kind, split="test")
                turn = Turn(texts[number % len(texts)], picture=collection.path(picture))
                prompts.append((concept, whose, purpose, turn))
    with loaded_adapter(vlm, adapter):
        answers = sample(
            vlm,
            [encoder.encode(turn) for *_, turn in prompts],
            count=DRAWN,
            seed=params.seed,
            max_new_tokens=24,
            batch_size=256,
        )
    rates: dict[tuple[str, str, str], list[float]] = {}
    for (concept, whose, purpose, _), drawn in zip(prompts, answers, strict=True):
        hits = sum(named(text, (concept.name, *concept.aliases)) for text in drawn)
        rates.setdefault((concept.id, whose, purpose), []).append(leak_by_samples(hits, DRAWN, K))
    means = {key: sum(values) / len(values) for key, values in rates.items()}
    return {
        concept.id: {
            "leak": max(means[concept.id, "own", purpose] for purpose in ("name", "describe")),
            "leak_beyond": max(
                means[concept.id, "own", purpose] - means[concept.id, "strangers", purpose]
                for purpose in ("name", "describe")
            ),
        }
        for concept in concepts
    }


def _questioned(pictures: Sequence[Picture]) -> Iterable[tuple[Any, int, Picture]]:
    for purpose in ("name", "describe"):
        for number, picture in enumerate(pictures[:SAMPLED]):
            yield purpose, number, picture
