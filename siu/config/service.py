"""What of ``params.yaml`` tells a service how to go on from batch to batch."""

from typing import Annotated, Literal

from pydantic import Field

from siu.config.section import BackupText, Count, CountFromZero, Section

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


Deadline = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,4} ?(min|h)|([01][0-9]|2[0-3]):[0-5][0-9])$")]


class BatchParams(Section):
    """What one batch takes on; changes no result."""

    max_requests: Count | None = None
    """Requests without a verdict that a batch takes, those due first; the others wait. null takes all."""
    deadline: Deadline | None = None
    """Until when their training may begin: a length (``90min``, ``2h``) or a time of day (``05:30``)."""


class ScheduleParams(Section):
    """What `siu up` and `siu schedule` do with runs that can't begin at their time."""

    catch_up: CatchUp = "latest"
    """Runs missed while nothing served them: ``latest`` makes up for all with one run, ``none`` doesn't."""
    overlap: Overlap = "wait"
    """A run that is due while a batch is at work: ``wait`` begins it after that one, ``skip`` doesn't."""
