"""Diversity: does the model still use words? A corpus type–token ratio, after arXiv 2405.12523, section 4."""

from siu.language.matching import normalise
from siu.mmubench.metric_definition import defined
from siu.mmubench.ratios import WholeMetric
from siu.mmubench.records import Records, with_purpose


@defined(
    "Diversity",
    "different words over all words (type–token ratio)",
    "↑",
    order=360,
    group="language",
)
@WholeMetric
def diversity(records: Records) -> float | None:
    """Different words over all words of all answers about the concept together; ↑.

    A type–token ratio, which falls with the number of answers: compare only states that were asked the same.
    The paper says no more than that unique words are counted; this definition is ours. None without records;
    0 if no answer holds a word. It has no interval: records drawn twice repeat their words, so a bootstrap of
    it is always too low.
    """
    about = with_purpose(records, "efficacy", "name", "text_fact")
    words = [word for record in about for word in normalise(record.answer).split()]
    if not about:
        return None
    return len(set(words)) / len(words) if words else 0.0
