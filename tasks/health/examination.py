"""All checks, one after the other; one that breaks says so and stops no other."""

from collections.abc import Callable, Iterator

from siu.config.params import Params
from siu.errors import PreflightError
from siu.storage.workspace import Workspace
from tasks.health import machine, records, services
from tasks.health.check import Check

Looks = Callable[[Workspace, Params], Check]
CHECKS: tuple[tuple[str, Looks], ...] = (
    ("python", machine.python),
    ("versions", machine.versions),
    ("bytecode", machine.bytecode),
    ("workspace", machine.writable),
    ("disk", machine.disk),
    ("cores", machine.cores),
    ("memory", machine.memory),
    ("ledger", records.ledger),
    ("keys", records.keys),
    ("left over", records.left_over),
    ("mlflow", services.mlflow_database),
    ("prefect", services.prefect_database),
    ("dvc", services.dvc_remote),
    ("schedule", services.schedule),
    ("password", services.password),
    ("messages", services.messages),
)


def examine(workspace: Workspace, ports: tuple[int, ...]) -> Iterator[Check]:
    """Yield every check as soon as it is made; nothing is changed.

    Args:
        workspace: Where.
        ports: Those of `siu up`.
    """
    params = Params()
    try:
        params = workspace.params()
        yield Check("params.yaml", "ok", "read")
    except PreflightError as error:
        yield Check("params.yaml", "fail", str(error), "Mend these; the checks below take defaults")
    for name, look in CHECKS:
        yield _made(name, look, workspace, params)
    yield services.ports(workspace, ports)


def _made(name: str, look: Looks, workspace: Workspace, params: Params) -> Check:
    try:
        return look(workspace, params)
    except Exception as error:  # noqa: BLE001  # whatever is broken is what this is for
        text = f"could not be checked: {type(error).__name__}: {error}"
        return Check(name, "fail", text, "Mend that, then run `siu doctor` again")
