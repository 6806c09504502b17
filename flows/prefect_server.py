"""A Prefect server for the length of one command, unless one is running already.

Prefect would start such a server by itself, but end the process before all events are written: fast tasks
would stay RUNNING for ever. Here the command waits until the server has seen every task end.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

DRAIN_SECONDS = 10.0


@contextmanager
def prefect_server(meanwhile: Callable[[], object]) -> Iterator[None]:
    """Provide a Prefect API on loopback; the user's own one where ``PREFECT_API_URL`` is set.

    Args:
        meanwhile: Done while the server starts, which takes seconds; its errors end the server.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if PREFECT_API_URL.value():
        meanwhile()
        yield
        return
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()
    try:
        with ThreadPoolExecutor(1) as pool:
            starting = pool.submit(server.start)
            meanwhile()
            starting.result()
        with temporary_settings({PREFECT_API_URL: server.api_url}):
            yield
    finally:
        server.stop()


def drain(flow_run_id: str) -> None:
    """Wait until the server knows of every task of a flow run that it has ended, for at most ten seconds."""
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all()
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline and _unfinished(flow_run_id):
        time.sleep(0.2)


def _unfinished(flow_run_id: str) -> int:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(flow_run_filter=wanted)
    return sum(not (run.state and run.state.is_final()) for run in runs)
