"""C-Dis: how far the concept's likelihood moved (MMUBench, arXiv 2405.12523, section 4)."""

import math

from siu.mmubench.records import Record, Records, with_purpose


def c_dis(before: Records, after: Records) -> float | None:
    """Return the mean over unseen pictures of P(C) log(P(C) / P'(C)); ↑.

    P(C) is the probability of all of the concept's name tokens at their answer positions, teacher-forced,
    P before and P' after unlearning. None without records.
    """
    pairs = [
        (_log_name(before[key]), _log_name(record))
        for key, record in after.items()
        if record.question.purpose == "name" and key in before
    ]
    values = [math.exp(old) * (old - new) for old, new in pairs]
    return sum(values) / len(values) if values else None


def name_probability(records: Records) -> float | None:
    """Return the mean probability of the concept's name on unseen pictures, teacher-forced; ↓."""
    values = [math.exp(_log_name(record)) for record in with_purpose(records, "name")]
    return sum(values) / len(values) if values else None


def _log_name(record: Record) -> float:
    pairs = zip(record.expected_log_probs, record.name_tokens, strict=True)
    return sum(value for value, on_name in pairs if on_name)
