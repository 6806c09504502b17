"""What came of a batch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.data.releases import Numbered
from siu.errors import SiuError
from siu.verdict import Verdict
from tasks.outcome import Outcome, Released
from tasks.report import SUMMARY


def shown_verdict(outcome: Outcome, released: Released | None) -> Verdict | None:
    """Return the verdict that people see: the release's where the request is in it, else its own."""
    if released is not None and outcome.request_id in released.verdicts:
        return released.verdicts[outcome.request_id]
    return outcome.verdict


@dataclass
class BatchResult:
    """What came of a batch.

    Attributes:
        outcomes: One per request, in the order of the table, followed by those refused at intake.
        released: The release, if any concept was unlearned.
        release: The release as it stands: its number, and whether it is deployed.
        folder: Where report and summary are; None if the batch ended at an earlier stage.
        failures: Why what serves all requests failed: the base model's questions, or the release.
        notes: What did not go as wished without being a reason to stop.
        seconds: Wall time.
    """

    outcomes: tuple[Outcome, ...] = ()
    released: Released | None = None
    release: Numbered | None = None
    folder: Path | None = None
    failures: tuple[SiuError, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def quarantined(self) -> tuple[Outcome, ...]:
        """The requests that could not be served."""
        return tuple(outcome for outcome in self.outcomes if outcome.error is not None)

    @property
    def unclear(self) -> tuple[Outcome, ...]:
        """The requests about which a person has to decide: the evidence disagrees or doesn't suffice."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict_name == "unclear")

    @property
    def erased(self) -> int:
        """How many requests are erased: in the release, where there is one."""
        verdicts = (shown_verdict(outcome, self.released) for outcome in self.outcomes)
        return sum(verdict is not None and verdict.verdict == "erased" for verdict in verdicts)

    def sentence(self) -> str:
        """Return how many requests are erased, and how many not."""
        return f"{self.erased} erased, {len(self.outcomes) - self.erased} not"

    @property
    def is_whole(self) -> bool:
        """Whether every request was served, and released where the batch went that far."""
        return not self.quarantined and not self.unclear and not self.failures

    @property
    def skipped(self) -> bool:
        """Whether everything was there already."""
        done = [] if self.released is None else [self.released.output, *self.released.parts.values()]
        skips = [*(outcome.skipped for outcome in self.outcomes), *(output.skipped for output in done)]
        return bool(self.outcomes) and not self.failures and all(skips)

    def summary(self) -> dict[str, Any]:
        """Read ``summary.json``; empty if the batch ended at an earlier stage."""
        if self.folder is None:
            return {}
        content: dict[str, Any] = json.loads((self.folder / SUMMARY).read_text(encoding="utf-8"))
        return content
