"""Distance to a model that never knew: truth ratios and answer distributions, from two sets of records."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records, with_purpose
from siu.statistics.two_samples import clustered_ks

PURPOSES: dict[str, Purpose] = {
    "concept": "candidate",
    "look_alikes": "look_alike_candidate",
    "groups": "group_candidate",
}
"""What is compared: the concept's own pictures, those of look-alikes, group pictures with the concept."""

_DECIMALS = 3
"""Of a truth ratio: float32's rounding must not rank equal models apart."""


@dataclass(frozen=True)
class Distance:
    """How far a model is from the gold one; all 0 (p 1) for equal models.

    Attributes:
        ks: Kolmogorov-Smirnov statistic of the truth ratios, 0 to 1.
        p_value: Of the same test over pictures; TOFU's forget quality: below 0.05 the two are told apart.
        jensen_shannon: Mean distance of the answer distributions, 0 to 1.
        questions: How many questions are compared.
        pictures: How many pictures they are about: the independent observations.
    """

    ks: float
    p_value: float
    jensen_shannon: float
    questions: int
    pictures: int


def distances(records: Records, gold: Records) -> dict[str, Distance | None]:
    """Return the distance on each kind of pictures; None where nothing was asked.

    Args:
        records: Of the model that is to be judged.
        gold: Of the gold model, on the same questions.
    """
    return {name: distance(records, gold, purpose) for name, purpose in PURPOSES.items()}


def distance(records: Records, gold: Records, purpose: Purpose) -> Distance | None:
    """Return the distance on the questions of one purpose that both were asked; None without any.

    The Kolmogorov-Smirnov test asks whether both models' truth ratios could come from one distribution
    (TOFU, arXiv 2401.06121, section 2.2.3). TOFU takes questions for independent; those about one picture are
    not, so here the p-value is over pictures and larger.
    """
    model_side, gold_side = _by_question(records, purpose), _by_question(gold, purpose)
    shared = [key for key in model_side if key in gold_side]
    if not shared:
        return None
    ratios, gold_own = (
        [round(truth_ratio(side[key]), _DECIMALS) for key in shared] for side in (model_side, gold_side)
    )
    pictures = [picture or text for text, picture in shared]
    statistic, p_value = clustered_ks(ratios, gold_own, pictures)
    far = [
        jensen_shannon(answer_distribution(model_side[key]), answer_distribution(gold_side[key]))
        for key in shared
    ]
    mean = math.fsum(far) / len(far)
    return Distance(statistic, p_value, mean, len(shared), len(set(pictures)))


def jensen_shannon(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the Jensen-Shannon distance of two distributions, 0 to 1 (Endres and Schindelin 2003)."""
    from scipy.special import rel_entr

    middle = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    divergence = (math.fsum(rel_entr(left, middle)) + math.fsum(rel_entr(right, middle))) / 2
    return math.sqrt(max(0.0, divergence) / math.log(2))  # rounding may leave it just below 0


def truth_ratio(candidates: list[Record]) -> float:
    """Return how much likelier wrong answers are than the true one (TOFU, arXiv 2401.06121, equation 1).

    Mean over wrong answers of P(wrong)^(1/tokens), divided by P(true)^(1/tokens). TOFU paraphrases the true
    answer; here it stands as it is. As a logarithm, which no rank statistic minds and which can't overflow.

    Args:
        candidates: Records of one question, the true answer and at least one wrong one among them.
    """
    true = next(record for record in candidates if _is_true(record))
    wrong = [_mean(record) for record in candidates if not _is_true(record)]
    highest = max(wrong)
    mean = highest + math.log(math.fsum(math.exp(value - highest) for value in wrong) / len(wrong))
    return mean - _mean(true)


def answer_distribution(candidates: list[Record]) -> list[float]:
    """Return P(answer) of each candidate, and of all other answers together; the sum is 1.

    Different answers exclude each other, so what they leave of 1 belongs to those that were not given. In the
    order of the records.
    """
    probabilities = [math.exp(math.fsum(record.expected_log_probs)) for record in candidates]
    remainder = max(0.0, 1.0 - math.fsum(probabilities))
    total = math.fsum(probabilities) + remainder
    return [value / total for value in (*probabilities, remainder)]


def _by_question(records: Records, purpose: Purpose) -> dict[tuple[str, str | None], list[Record]]:
    groups: dict[tuple[str, str | None], list[Record]] = {}
    for record in sorted(_complete(records, purpose), key=lambda candidate: candidate.question.expected):
        groups.setdefault((record.question.text, record.question.picture), []).append(record)
    return {key: same for key, same in groups.items() if len(same) > 1 and any(map(_is_true, same))}


def _complete(records: Records, purpose: Purpose) -> Iterator[Record]:
    return (record for record in with_purpose(records, purpose) if record.expected_log_probs)


def _is_true(record: Record) -> bool:
    return record.question.expected in record.question.keywords


def _mean(record: Record) -> float:
    return math.fsum(record.expected_log_probs) / len(record.expected_log_probs)
