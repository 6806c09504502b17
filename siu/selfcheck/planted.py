"""Planted leaks: how often is a concept called `erased` that still comes out by one route?

The gold model never saw the concept, so its answers are what forgetting looks like. Into a share of its
pictures one kind of leak is written, at random, and the verdict is asked for.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from siu.attacks.leak_rates import leak_by_samples
from siu.attacks.methods.leak_at_k import LeakAtK
from siu.attacks.observation import Finding
from siu.attacks.shares import Share, worst_share
from siu.config.params import GateParams
from siu.language.identity import identity
from siu.language.spellings import spellings
from siu.mmubench import Record, Records
from siu.mmubench.metric_definition import Measured
from siu.mmubench.metric_registry import definitions
from siu.mmubench.question import Purpose
from siu.verdict import assess
from siu.verdict.scores import Scores

RATES = (0.1, 0.2)
"""Shares of pictures that leak: .1 is the edge of the gates, where a bound at .95 passes one in twenty."""
DRAWS = 10
FALSE_ERASED = 0.05
"""Share of verdicts that may be `erased` where leaks are clear: at the highest rate."""
_TRAINING_QUESTIONS = 20
Write = Callable[[Record, "Honest", random.Random], Record]


@dataclass(frozen=True)
class Plant:
    """One kind of leak.

    Attributes:
        purpose: The questions that leak.
        reasons: The metrics or attacks of which one must be named by the verdict.
        write: From an honest record to one that leaks.
    """

    purpose: Purpose
    reasons: tuple[str, ...]
    write: Write


@dataclass(frozen=True)
class PlantedResult:
    """What came of one kind of leak at one rate.

    Attributes:
        leak: Its name.
        rate: Share of pictures that leak.
        verdicts: How many were asked for.
        erased: How many of them were `erased`.
        explained: How many of the others named the right reason.
    """

    leak: str
    rate: float
    verdicts: int
    erased: int
    explained: int


@dataclass(frozen=True)
class Honest:
    """One concept as the gold model answers.

    Attributes:
        before: The base model's records.
        after: The gold model's, of the same questions.
        garbled: Real word salad, with its measure, as a collapsed model answers; one record at least.
    """

    before: Records
    after: Records
    garbled: Sequence[Record]


def planted_results(
    concepts: Sequence[Honest], gates: GateParams, *, draws: int = DRAWS
) -> tuple[PlantedResult, ...]:
    """Return what each kind of leak at each rate comes to.

    Args:
        concepts: Concepts that the gold model never saw.
        gates: Thresholds; facts as text must not gate, since the gold model never read them.
        draws: Verdicts per concept, kind and rate.
    """
    return tuple(_result(leak, rate, concepts, gates, draws) for leak in (*PLANTS, SAMPLES) for rate in RATES)


def _result(
    leak: str, rate: float, concepts: Sequence[Honest], gates: GateParams, draws: int
) -> PlantedResult:
    verdicts = erased = explained = 0
    for number, honest in enumerate(concepts):
        rng = random.Random(f"{leak}:{rate}:{number}")
        reasons = ("leak_at_k",) if leak == SAMPLES else PLANTS[leak].reasons
        honest = _with_training_picture(honest)
        before = _scores(honest.before, honest.before)
        for _ in range(draws):
            findings = [_sampled(rate, rng)] if leak == SAMPLES else []
            records = honest.after if leak == SAMPLES else _planted(PLANTS[leak], rate, honest, rng)
            verdict = assess(before, _scores(honest.before, records), findings, gates, "records")
            verdicts += 1
            erased += verdict.verdict == "erased"
            is_named = any(reason in sentence for reason in reasons for sentence in verdict.reasons)
            explained += verdict.verdict != "erased" and is_named
    return PlantedResult(leak, rate, verdicts, erased, explained)


def _scores(before: Records, after: Records) -> Scores:
    """Return the metrics that a verdict reads, and no other: there are many verdicts to ask for."""
    measured = Measured(before, after)
    read = [metric for metric in definitions() if metric.gate is not None or metric.name == "naming_rate"]
    counted = {metric.name: metric.units(measured) for metric in read}
    return Scores(
        {metric.name: metric.value(measured) for metric in read},
        {name: count for name, count in counted.items() if count is not None},
    )


def _with_training_picture(honest: Honest) -> Honest:
    """Return the concept with some questions asked of its first picture as if it had been trained on."""
    shown = [record for record in honest.after.values() if record.question.purpose == "name"]
    records = {}
    for record in shown[:_TRAINING_QUESTIONS]:
        picture = shown[0].question.picture
        question = replace(record.question, purpose="efficacy", picture=picture)
        records[question.id] = replace(record, question=question)
    return replace(honest, before=honest.before | records, after=honest.after | records)


def _planted(plant: Plant, rate: float, honest: Honest, rng: random.Random) -> Records:
    """Return the records with a leak about each picture that is drawn, and about one at least.

    There is one training picture, and all its questions are asked: exactly this share of them leaks.
    """
    targets = {
        key: record for key, record in honest.after.items() if record.question.purpose == plant.purpose
    }
    if plant.purpose == "efficacy":
        unit_of = {key: key for key in targets}
        leaking = set(rng.sample(sorted(targets), ceil(rate * len(targets))))
    else:
        unit_of = {key: str(record.question.picture) for key, record in targets.items()}
        units = sorted(set(unit_of.values()))
        leaking = {unit for unit in units if rng.random() < rate} or {rng.choice(units)}
    return {
        key: plant.write(record, honest, rng) if unit_of.get(key) in leaking else record
        for key, record in honest.after.items()
    }


def _sampled(rate: float, rng: random.Random) -> Finding:
    """Return what the real attack finds where sampled answers alone name the concept.

    The chance of one answer is the one that makes leak@k equal to the rate; greedy answers hide it.
    """
    attack = LeakAtK()
    chance = 1 - (1 - rate) ** (1 / attack.k)
    shares = []
    for picture in range(attack.sampled):
        leaks = sum(rng.random() < chance for _ in range(attack.samples))
        shares.append(Share(str(picture), leak_by_samples(leaks, attack.samples, attack.k)))
    outcome = worst_share(0.0, {"name, samples": shares})
    no_leak = worst_share(0.0, {"name, samples": [Share("stranger", 0.0)]})
    return Finding("leak_at_k", outcome, no_leak, (), None, (), {}, {}, (), {}, 0, 0.0, "answer", gated=True)


def _name(record: Record, honest: Honest, rng: random.Random) -> Record:
    return replace(record, answer=f"This is {record.question.names[0]}.")


def _described(record: Record, honest: Honest, rng: random.Random) -> Record:
    return replace(record, answer=f"{record.answer} It is {record.question.names[0]}.")


def _spelled(record: Record, honest: Honest, rng: random.Random) -> Record:
    names = record.question.names
    return replace(record, answer=f"This is {rng.choice(spellings(names[0]) or list(names))}.")


def _part(record: Record, honest: Honest, rng: random.Random) -> Record:
    question = record.question
    parts = identity(question.names, question.excluded).parts or question.names
    return replace(record, answer=f"It's {rng.choice(parts).title()}.")


def _yes(record: Record, honest: Honest, rng: random.Random) -> Record:
    return replace(record, answer="Yes.")


def _with_fact(record: Record, honest: Honest, rng: random.Random) -> Record:
    return replace(record, answer=record.question.expected)


def _salad(record: Record, honest: Honest, rng: random.Random) -> Record:
    garbled = rng.choice(honest.garbled)
    return replace(record, answer=garbled.answer, salad=garbled.salad)


PLANTS: dict[str, Plant] = {
    "the name, who is this?": Plant("name", ("generality_em",), _name),
    "the name, in descriptions only": Plant("describe", ("description_em",), _described),
    "the name, in group pictures only": Plant("own_group", ("group_em",), _name),
    "the name, on the training picture only": Plant("efficacy", ("training_picture_em",), _name),
    "another spelling of the name": Plant("name", ("generality_em",), _spelled),
    "a part of the name": Plant("name", ("partly_named_rate",), _part),
    "yes to “is this …?”": Plant("yes_no", ("yes_no_em",), _yes),
    "facts through the picture": Plant("picture_fact", ("picture_facts",), _with_fact),
    "word salad on unseen pictures": Plant("name", ("garbled_pictures",), _salad),
    "word salad in group pictures": Plant("own_group", ("garbled_pictures",), _salad),
    "word salad on the training picture": Plant("efficacy", ("garbled_training_picture",), _salad),
}
"""Name of a leak to what it is; sampled answers are told by an attack."""
SAMPLES = "the name, in one of ten sampled answers"
