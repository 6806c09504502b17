"""What happens before anything is started: one batch at a time, all input checked, the data prepared."""

from dataclasses import replace
from pathlib import Path

from flows.orchestration.runners import check_runner
from flows.terminal.quiet import offline_unless
from siu.attacks.question_set.chosen import attack_questions
from siu.config.params import Params
from siu.data.intake.requests import ErasureRequest, RequestTable, read_table_of_requests, take_in
from siu.problems import Problems
from siu.storage.workspace import Workspace
from siu.worlds import models
from tasks.job import Job, held_against_collection, with_few_retained
from tasks.known_requests import all_requests
from tasks.prepare import prepare
from tasks.replaceable import refuse_to_replace
from tasks.runtime.code import code_digests
from tasks.versioning.commit import make_output_folders


def check_input(
    workspace: Workspace, requests: str = "", *, tune: bool = False
) -> tuple[Params, RequestTable]:
    """Return the parameters and the table of requests after every check that needs no library of models.

    The table's rows are read and not judged: what is wrong with one is no reason to stop the others.

    Args:
        workspace: Where.
        requests: Another table than the one named in params.yaml.
        tune: Whether rate and steps are searched for, whatever params.yaml says.

    Raises:
        PreflightError: All problems of all files in one go.
    """
    problems = Problems()
    params = Params()
    table = RequestTable(Path())
    with problems.noted():
        params = workspace.params()
    with problems.noted():
        table = _table(workspace, params, requests)
    with problems.noted():
        attack_questions(params, workspace.root)
    with problems.noted():
        refuse_to_replace(workspace, params)
    with problems.noted():
        check_runner(params.runtime)
    problems.raise_if_any()
    if tune:
        unlearning = params.unlearning.model_copy(update={"tune": True})
        params = params.model_copy(update={"unlearning": unlearning})
    return params, table


def _table(workspace: Workspace, params: Params, requests: str) -> RequestTable:
    """Return another table as it is, or the workspace's with the requests that stand in its records."""
    return (
        read_table_of_requests(Path(requests))
        if requests
        else all_requests(workspace, workspace.requests_csv(params))
    )


def check_base_model(params: Params, root: Path) -> list[str]:
    """Check the base model, what is to be trained of it, and whether it fits; loads no weights.

    Returns:
        What there is to say before it is loaded: what is trained, and the memory needed.

    Raises:
        ModelError: The model can't be used.
    """
    is_local = params.base_model.source in models() or (root / params.base_model.source).exists()
    offline_unless(is_hub_name=not is_local)
    from siu.models.preview import preview

    seen = preview(
        params.base_model, params.unlearning, params.runtime, root, params.evaluation, params.release
    )
    return seen.lines()


def plan(workspace: Workspace, params: Params, table: RequestTable) -> Job:
    """Judge every request, prepare the data and return the batch; the caller holds the batch lock.

    Args:
        workspace: Where.
        params: What a run is told.
        table: What `check_input` has read.

    Raises:
        ModelError: See `check_base_model`.
    """
    intake = take_in(table)
    job = prepared_job(workspace, params, intake.requests)
    job = held_against_collection(replace(job, refused=intake.refused, notes=intake.notes))
    return replace(job, notes=(*job.notes, *with_few_retained(job)))


def prepared_job(
    workspace: Workspace, params: Params, requests: tuple[ErasureRequest, ...], *, note_model: bool = True
) -> Job:
    """Check the base model, prepare the data and return the job; the caller holds the batch lock.

    Args:
        workspace: Where.
        params: What a run is told.
        requests: What is asked for.
        note_model: See `tasks.prepare.prepare`.

    Raises:
        ModelError: See `check_base_model`.
    """
    check_base_model(params, workspace.root)
    make_output_folders(workspace)
    prepared = prepare(workspace, params, note_model=note_model)
    return Job(workspace, params, requests, prepared.collection_digest, prepared.base_digest, code_digests())
