"""What Prefect shows of a batch beside its graph: a table of verdicts, and a page per request; ids only."""

from flows.batch_result import BatchResult, shown_verdict
from flows.orchestration.schedulers import Scheduler
from tasks.outcome import Outcome, Released

BATCH_KEY = "verdicts"


def show_pages(scheduler: Scheduler, result: BatchResult) -> None:
    """Keep the pages of a batch that was reported."""
    if result.folder is None:
        return
    scheduler.show(BATCH_KEY, batch_page(result))
    for outcome in result.outcomes:
        scheduler.show(f"request-{outcome.request_id}", request_page(outcome, result.released))


def batch_page(result: BatchResult) -> str:
    """Return the verdicts of a batch as a markdown table."""
    rows = ["| Request | Verdict | Code |", "|---|---|---|"]
    for outcome in result.outcomes:
        rows.append(
            f"| {outcome.request_id} | {_words(outcome, result.released)} | {', '.join(outcome.codes)} |"
        )
    return "\n".join(rows) + "\n"


def request_page(outcome: Outcome, released: Released | None) -> str:
    """Return the stages of a request as a markdown table; no reasons, which may quote names."""
    rows = [f"**{_words(outcome, released)}**", "", "| Stage | Plan | Seconds | |", "|---|---|---|---|"]
    for output in outcome.outputs.values():
        remark = "found" if output.skipped else ""
        rows.append(f"| {output.stage} | `{output.digest[:12]}` | {output.seconds:.1f} | {remark} |")
    return "\n".join(rows) + "\n"


def _words(outcome: Outcome, released: Released | None) -> str:
    verdict = shown_verdict(outcome, released)
    return "quarantined" if verdict is None else verdict.words
