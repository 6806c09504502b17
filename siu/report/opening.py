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
    shown = "all" if erased == len(released) else str(erased) if erased else "none"
    return (
        f"Release {release.plan[:12]} {deployed}. Of the {_concepts(len(released))} that it was trained to "
        f"forget, {shown} {'are' if erased > 1 else 'is'} shown to be erased: {verdicts}."
    )


def counted(requests: Sequence[RequestSection]) -> str:
    """Return how many requests have which verdict: "2 erased (quick), 1 not known"."""
    counts = Counter((_ORDER.index(request.word), request.words) for request in requests)
    return ", ".join(f"{count} {words.replace('_', ' ')}" for (_, words), count in sorted(counts.items()))


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _concepts(count: int) -> str:
    return "1 concept" if count == 1 else f"{count} concepts"
