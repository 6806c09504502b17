"""A batch with Prefect's and MLflow's tables in a PostgreSQL server of its own, started here.

Left out where there is no server to start (Debian: ``apt-get install postgresql``) or MLflow has no driver
(``pip install psycopg2-binary``).
"""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from siu.audit.audit import audit
from siu.storage.workspace import Workspace
from tests.flows.batches import change
from tests.flows.fault_runs import adapters

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MISSING = (
    "there is no PostgreSQL server to start"
    if not BINARIES
    else "MLflow has no driver for PostgreSQL"
    if importlib.util.find_spec("psycopg2") is None
    else ""
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.skipif(bool(MISSING), reason=MISSING)]
OWNER = "postgres" if os.geteuid() == 0 else ""
"""Whom the server runs as: it refuses root."""


def as_owner(*command: object, check: bool = True) -> None:
    words = [
        *(["setpriv", "--reuid", OWNER, "--regid", OWNER, "--clear-groups"] if OWNER else []),
        *map(str, command),
    ]
    subprocess.run(words, check=check, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server on loopback with two empty databases; yields its port."""
    folder = tmp_path_factory.mktemp("postgres")
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)  # its owner has to get there
    data = folder / "data"
    data.mkdir()
    if OWNER:
        shutil.chown(data, OWNER, OWNER)
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    tools = BINARIES[-1]
    as_owner(tools / "initdb", "-D", data, "-U", "siu", "--auth=trust", "-E", "UTF8")
    settings = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c max_connections=200"
    )
    as_owner(tools / "pg_ctl", "-D", data, "-o", settings, "-l", data / "log", "-w", "-t", "120", "start")
    try:
        for name in ("prefect", "mlflow"):
            as_owner(tools / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "siu", name)
        yield port
    finally:
        as_owner(tools / "pg_ctl", "-D", data, "-m", "immediate", "stop", check=False)


def rows(port: int, database: str, query: str) -> list[list[str]]:
    command = (
        "psql",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "siu",
        "-At",
        "-F",
        "|",
        "-c",
        query,
        database,
    )
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.split("|") for line in done.stdout.splitlines()]


def test_prefect_and_mlflow_keep_a_batch_in_postgresql(server: int, template: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(template, tmp_path / "workspace"))
    (root / "mlflow.db").unlink()
    change(Workspace(root), "tracking", uri=f"postgresql://siu@127.0.0.1:{server}/mlflow")
    command = (sys.executable, "-c", "from flows.cli.program import main; main()", "batch", "--json")
    url = f"postgresql+asyncpg://siu@127.0.0.1:{server}/prefect"
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PREFECT_SERVER_DATABASE_CONNECTION_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    notes = json.loads(done.stdout)["notes"]
    assert not [note for note in notes if "MLflow" in note]
    assert rows(server, "prefect", "SELECT state_type FROM flow_run") == [["COMPLETED"]]
    assert rows(server, "prefect", "SELECT DISTINCT state_type FROM task_run") == [["COMPLETED"]]
    assert {status for (status,) in rows(server, "mlflow", "SELECT status FROM runs")} == {"FINISHED"}
    assert int(rows(server, "mlflow", "SELECT count(*) FROM metrics")[0][0]) > 100
    assert not (root / ".prefect/prefect.db").exists()
    assert not (root / "mlflow.db").exists()
    assert len(adapters(root)) == 4
    assert audit(root).faults == ()
