"""What of ``params.yaml`` tells a service how to go on from batch to batch."""

from typing import Literal

from siu.config.section import BackupText, Count, CountFromZero, Positive, Section, WebhookUrl

CatchUp = Literal["none", "latest"]
Overlap = Literal["wait", "skip"]
VerdictWord = Literal["erased", "unclear", "partial", "damaged", "failed"]


class PolicyParams(Section):
    """Until when requests are to be answered, and what is kept of them then; changes no result."""

    days: Count = 30
    """Days from the day a request came in to the day it is due."""
    extension_days: Count = 60
    """Days by which `siu request extend` puts that off, once."""
    warn_days: CountFromZero = 7
    """So many days before, a request counts as due soon."""
    after_release: Literal["keep", "purge"] = "keep"
    """What becomes of pictures, data, answers, reports after a release; a request may say otherwise."""
    backups: tuple[BackupText, ...] = ()
    """Backups of this workspace, each as ``name=days``: how long a set is kept. A purge lists them."""


class BatchParams(Section):
    """What one batch takes on; changes no result."""

    max_requests: Count | None = None
    """Requests without a verdict that a batch takes, those due first; the others wait. null takes all."""


class ScheduleParams(Section):
    """What `siu up` and `siu schedule` do with runs that can't begin at their time."""

    catch_up: CatchUp = "latest"
    """Runs missed while nothing served them: ``latest`` makes up for all with one run, ``none`` doesn't."""
    overlap: Overlap = "wait"
    """A run that is due while a batch is at work: ``wait`` begins it behind that one, ``skip`` doesn't."""


class NotifyParams(Section):
    """Who is told when a batch ends; messages hold ids, counts and verdicts, no names."""

    webhook: WebhookUrl | None = None
    """Address that gets a message as JSON for each thing that happened (docs/how-to/run-as-a-service.md)."""
    retries: CountFromZero = 3
    """How often a message that could not be delivered is sent again."""
    wait_seconds: Positive = 2.0
    """Wait before it is sent again; twice as long each time."""
