"""`siu batch`: checked first, then run by Prefect, then shown."""

import json
import os
import sys
from pathlib import Path

from flows.batch import STAGES, BatchResult, run_batch
from flows.batch_result import shown_verdict
from flows.cli.exit_codes import DONE, INCOMPLETE
from flows.cli.tables import batch_table
from flows.orchestration.schedulers import Plain
from flows.plan import check_base_model, check_input
from flows.terminal.console import plain_console
from siu.data.releases import Numbered
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tasks.deploy import SHORT
from tasks.versioning.commit import run_by_dvc


def run_and_show(
    workspace: Workspace, requests: Path | None, until: str, as_json: bool, tune: bool = False
) -> int:
    """Run a batch and show what came of it; return the exit code.

    Raises:
        InputError: ``E-RUN-005`` there is no such stage.
        PreflightError: Parameters or requests have problems.
    """
    if until not in STAGES:
        raise InputError("E-RUN-005", f"there is no stage {until!r}", f"Use one of {', '.join(STAGES)}")
    result = run(workspace, str(requests.resolve()) if requests else "", until, tune)
    if as_json:
        remarks = {"failures": [str(failure) for failure in result.failures], "notes": list(result.notes)}
        sys.stdout.write(json.dumps({**result.summary(), **remarks}, indent=2, ensure_ascii=False) + "\n")
    else:
        show(result, until)
    if result.is_whole or run_by_dvc():  # DVC would not go on with the other requests
        return DONE
    return INCOMPLETE


def run(workspace: Workspace, requests: str = "", until: str = "report", tune: bool = False) -> BatchResult:
    """Check parameters and the table's form before anything heavy starts, then run the batch under Prefect.

    A stage that `dvc repro` starts, and one that ends early, runs without Prefect: DVC schedules it.
    """
    params, _ = check_input(workspace, requests)
    if run_by_dvc() or until != STAGES[-1]:
        scheduler = Plain(params.runtime.workers)
        return run_batch(workspace, scheduler, requests=requests, until=until, tune=tune)
    from flows.orchestration.served import batch
    from flows.orchestration.server import prefect_server
    from flows.purge import purged_by_policy

    with prefect_server(meanwhile=lambda: check_base_model(params, workspace.root)):
        result: BatchResult = batch(os.fspath(workspace.root), requests, tune)
    result.notes += purged_by_policy(workspace)
    return result


def show(result: BatchResult, until: str = "report") -> None:
    """Print the before/after table, what went wrong, and where to look."""
    console = plain_console()
    if result.skipped:
        console.print("Everything was there already: nothing to do.")
    for outcome in result.quarantined:
        console.print(f"{outcome.request_id}: quarantined: {'; '.join(outcome.reasons)}", soft_wrap=True)
    for failure in result.failures:
        console.print(f"failed for all requests: {failure}")
    for note in result.notes:
        console.print(f"note: {note}")
    if result.folder is not None:
        if any(outcome.outputs for outcome in result.outcomes):
            console.print(batch_table(result.outcomes, result.released))
        for outcome in result.outcomes:
            verdict = shown_verdict(outcome, result.released)
            if verdict is None:
                continue
            for sentence in (*verdict.reasons, *verdict.notes):
                line = f"{outcome.request_id}: {verdict.words}: {sentence}"
                console.print(line, soft_wrap=True)
    console.print(f"Done up to {until} in {result.seconds:.0f} s.")
    if result.folder is not None:
        console.print(conclusion(result, result.folder), soft_wrap=True)


def release_sentence(release: Numbered) -> str:
    """Return how a release stands, and what is to be done where a person has to decide."""
    words = f"release {release.number} ({release.plan[:SHORT]})"
    if release.state == "deployed":
        return f"{words} deployed"
    if release.state == "rolled_back":
        return f"{words} was taken back and stays so (`siu release accept {release.number} --reason …`)"
    return (
        f"{words} waits for a person: {release.strictest} (`siu release accept {release.number} --reason …`)"
    )


def conclusion(result: BatchResult, folder: Path) -> str:
    """Return in one line how many requests are erased, what became of the release, and where to read on."""
    release = "no release" if result.release is None else release_sentence(result.release)
    return f"{result.sentence()}; {release}. Report: {folder / 'report.html'}"
