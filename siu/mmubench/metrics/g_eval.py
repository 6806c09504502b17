"""G-Eval: how well is the concept still recognised, in a judge's eyes? (arXiv 2405.12523, section 4).

After G-Eval (Liu et al. 2023, arXiv 2303.16634); the ratings come from `siu.mmubench.judge`.
"""

from collections.abc import Iterator, Mapping

from siu.mmubench.metric_definition import defined
from siu.mmubench.ratios import Score, ratio_of_sums, score
from siu.mmubench.records import Records, with_purpose

Ratings = Mapping[str, int]
"""A judge's rating by question id: 1 (irrelevant, wrong identity) to 5 (right and detailed)."""


@defined(
    "G-Eval",
    "a judge's rating of the recognition, 1 to 5",
    "↓",
    order=90,
    group="forgetting",
    unit="rating",
)
@ratio_of_sums(limits=(1.0, 5.0))
def g_eval(records: Records, ratings: Ratings) -> Iterator[Score]:
    """Mean rating of the recognition answers on unseen pictures, 1 to 5; ↓.

    Answers that the judge did not rate are left out; without a [judge](../how-to/judge.md) it is not
    measured.
    """
    for record in with_purpose(records, "name"):
        if record.question.id in ratings:
            yield score(record, ratings[record.question.id])
