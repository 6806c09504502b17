"""The pages of a workspace behind one index: requests, releases, batches and studies, with links to them.

The index lies beside the reports and opens from a file. It is made of the ledger and the batches' summaries;
nothing is measured or checked anew.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from siu.client import REDACTED, REPORT, SUMMARY, Client, RequestState
from siu.config.public import public_params
from siu.data.releases import ReleaseRow
from siu.report.history import MEASURES, MemberHistory, member_histories
from siu.report.html import environment
from siu.report.metric_rows import described

INDEX = "index.html"
FULL = "index-with-names.html"
AUDIT = ("audit.html", "../audit/audit.html")
"""Where the ledger's page may lie, seen from the index."""
_SHORT = 12


@dataclass(frozen=True)
class RequestRow:
    """One request of the index.

    Attributes:
        state: What came last of it.
        verdict: Its verdict in the newest batch that holds it: the release's where the request is in one.
        assurance: How hard that was tested.
        batch: That batch; None where no report holds the request.
        name: The display name; None in the redacted edition.
    """

    state: RequestState
    verdict: str | None
    assurance: str | None
    batch: str | None
    name: str | None

    @property
    def word(self) -> str:
        """The verdict's word, or where the request stands without one."""
        return "quarantined" if self.state.state == "quarantined" else self.verdict or self.state.state

    @property
    def words(self) -> str:
        """The word with its assurance, as a person reads it."""
        tested = f" ({self.assurance})" if self.assurance and self.word == self.verdict else ""
        return f"{self.word}{tested}".replace("_", " ")


@dataclass(frozen=True)
class BatchRow:
    """One batch that has a report.

    Attributes:
        batch_id: The batch.
        verdicts: How many requests have which verdict, in words.
        release: Plan of its release, shortened; None without one.
        seconds: Seconds of work.
    """

    batch_id: str
    verdicts: str
    release: str | None
    seconds: float


class Site:
    """What the index shows.

    Args:
        client: Reads the workspace.
        names: Display name by request id; None for the redacted edition.
    """

    def __init__(self, client: Client, names: Mapping[str, str] | None = None) -> None:
        self._client, self._names = client, names
        self.version = version("siu")
        self.is_redacted = names is None
        self.report = REDACTED if names is None else REPORT
        self.summary = SUMMARY
        self.tracking = public_params(client.workspace.params())["tracking"]["uri"]

    @cached_property
    def requests(self) -> list[RequestRow]:
        """All requests of the ledger, in order of arrival."""
        return [self._request(state) for state in self._client.requests()]

    @cached_property
    def batches(self) -> list[BatchRow]:
        """All batches that have a report, the newest first."""
        return [_batch(self._summaries[batch]) for batch in reversed(self._client.batches())]

    @cached_property
    def releases(self) -> list[ReleaseRow]:
        """All releases of the ledger, the newest first."""
        return self._client.releases()

    @cached_property
    def histories(self) -> list[MemberHistory]:
        """Every request that was in a release, with its measures over the releases."""
        return member_histories(self._summaries.values())

    @property
    def measures(self) -> dict[str, str]:
        """The measures of `histories` with their labels."""
        return {measure: described(measure).label for measure in MEASURES}

    @cached_property
    def studies(self) -> list[str]:
        """Names of the studies that have a page, sorted."""
        pages = self._client.workspace.comparisons.glob(f"*/{INDEX}")
        return sorted(page.parent.name for page in pages)

    @property
    def newest_day(self) -> str:
        """When something last happened to a request: day and minute, UTC; no clock is read."""
        times = [row.state.since for row in self.requests]
        return f"{max(times)[:16].replace('T', ' ')} UTC" if times else "–"

    @property
    def opening(self) -> str:
        """The workspace in one sentence."""
        if not self.requests:
            return "There is no request yet."
        counts = Counter(row.words for row in self.requests)
        states = ", ".join(f"{count} {words}" for words, count in counts.most_common())
        total = "1 request" if len(self.requests) == 1 else f"{len(self.requests)} requests"
        deployed = next((row for row in self.releases if row.state == "deployed"), None)
        release = f"Release {deployed.title} is deployed" if deployed else "Nothing is deployed"
        return f"{release}. Of {total}: {states}."

    @property
    def audit(self) -> str | None:
        """Where the ledger's page lies, seen from the index; None where there is none."""
        reports = self._client.workspace.reports
        return next((place for place in AUDIT if (reports / place).is_file()), None)

    @cached_property
    def _summaries(self) -> dict[str, dict[str, Any]]:
        """Every batch's summary, the newest last."""
        return {batch: self._client.summary(batch) for batch in self._client.batches()}

    def _request(self, state: RequestState) -> RequestRow:
        names = self._names or {}
        name = None if self.is_redacted else names.get(state.request_id)
        for batch, summary in reversed(self._summaries.items()):
            for entry in _entries(summary):
                if entry["request_id"] == state.request_id:
                    return RequestRow(state, entry["verdict"], entry.get("assurance"), batch, name)
        return RequestRow(state, state.verdict, state.assurance, None, name)


def write_site(client: Client, names: Mapping[str, str] | None = None) -> Path:
    """Write the index beside the reports and return it; nothing in it is loaded from elsewhere.

    Args:
        client: Reads the workspace.
        names: Display name by request id; None writes the redacted edition, which links to redacted reports.

    Raises:
        StateError: The ledger is broken, or the release's name can't be read.
    """
    page = client.workspace.reports / (INDEX if names is None else FULL)
    text = environment().get_template("site.html.jinja").render(site=Site(client, names))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    return page


def _entries(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a batch says of each request, the release's part first: it counts."""
    release = summary["release"] or {"concepts": []}
    return [*release["concepts"], *summary["concepts"]]


def _batch(summary: dict[str, Any]) -> BatchRow:
    verdicts = {entry["request_id"]: entry["verdict"] for entry in reversed(_entries(summary))}
    counts = Counter(verdict.replace("_", " ") for verdict in verdicts.values())
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    release = summary["release"]["plan"][:_SHORT] if summary["release"] else None
    return BatchRow(summary["batch_id"], words, release, sum(summary.get("seconds", {}).values()))
