"""The head of a report: the whole batch in one sentence."""

from collections import Counter
from collections.abc import Sequence

from siu.report.content import Report, RequestSection

_ORDER = ("erased", "unclear", "partial", "damaged", "failed", "not_known", "quarantined")


def opening(report: Report) -> str:
    """Return what came of the batch in one sentence, such as "Of the 3 concepts … 2 are erased"."""
    if not report.requests:
        return "There was no request to serve."
    verdicts = counted(report.requests)
    release = report.release
    if release is None:
        return f"There is no release. Of {_requests(len(report.requests))}: {verdicts}."
    released = [request for request in report.requests if request.is_released]
    erased = sum(request.word == "erased" for request in released)
    deployed = "is deployed" if release.is_deployed else "is not deployed"
    return f"Release {release.plan[:12]} {deployed}. {_erased(erased, len(released))}: {verdicts}."


def counted(requests: Sequence[RequestSection]) -> str:
    """Return how many requests have which verdict: "2 erased (quick), 1 not known"."""
    counts = Counter((_ORDER.index(request.word), request.words) for request in requests)
    return ", ".join(f"{count} {words.replace('_', ' ')}" for (_, words), count in sorted(counts.items()))


def _erased(erased: int, count: int) -> str:
    if count == 1:
        return f"The concept that it was trained to forget is {'' if erased else 'not '}shown to be erased"
    shown = "all" if erased == count else str(erased) if erased else "none"
    are = "are" if erased > 1 else "is"
    return f"Of the {count} concepts that it was trained to forget, {shown} {are} shown to be erased"


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"
