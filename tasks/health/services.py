"""What serves and stores beside the ledger: databases, ports, DVC's remote, the schedule, messages."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from siu.config.params import Params
from siu.config.public import masked
from siu.storage.workspace import Workspace
from tasks.health.check import Check
from tasks.ports import port_fault
from tasks.schedule_log import Standing
from tasks.tracking.database import PREFIX
from tasks.versioning.remotes import missing_package

SECONDS = 5.0


def prefect_database(workspace: Workspace, _params: Params) -> Check:
    """Open Prefect's database."""
    return _database("prefect", workspace.prefect_home / "prefect.db", "its runs are shown nowhere else")


def mlflow_database(workspace: Workspace, params: Params) -> Check:
    """Open MLflow's database, or reach its server."""
    uri = params.tracking.uri
    if uri.startswith(PREFIX):
        return _database("mlflow", workspace.root / uri.removeprefix(PREFIX), "a batch makes it anew")
    if uri.startswith(("http://", "https://")):
        import httpx

        try:
            httpx.get(f"{uri.rstrip('/')}/health", timeout=SECONDS).raise_for_status()
        except httpx.HTTPError as error:
            text = f"{masked(uri)} doesn't answer ({type(error).__name__})"
            return Check("mlflow", "warn", text, "Start that server; batches run without, and tell it later")
        return Check("mlflow", "ok", f"{masked(uri)} answers")
    return Check("mlflow", "ok", f"{masked(uri)} is not looked at")


def _database(name: str, file: Path, otherwise: str) -> Check:
    if not file.exists():
        return Check(name, "ok", f"no {file.name} yet; the first batch makes it")
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=SECONDS)) as database:
            fault = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            version = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        fault, version = str(error), None
    if fault != "ok" or not version:
        remedy = f"Move {file} away; {otherwise}"
        return Check(name, "fail", f"{file.name} can't be used: {fault}", remedy)
    return Check(name, "ok", f"{file.name} opens, {file.stat().st_size / (1 << 20):.0f} MB")


def ports(workspace: Workspace, numbers: tuple[int, ...]) -> Check:
    """See whether the ports of `siu up` are free, or its own."""
    taken = [port for port in numbers if port_fault(port)]
    if not taken:
        return Check("ports", "ok", f"{', '.join(map(str, numbers))} are free")
    listed = ", ".join(map(str, taken))
    if Standing.of(workspace).is_served:
        return Check("ports", "ok", f"{listed} in use, as the schedule is served")
    remedy = "End what listens there, or give `siu up` others with --port and --mlflow-port"
    return Check("ports", "warn", f"{listed} taken by another program", remedy)


def dvc_remote(workspace: Workspace, _params: Params) -> Check:
    """Reach DVC's default remote, if there is one."""
    if not (workspace.root / ".dvc").is_dir():
        return Check("dvc", "warn", "nothing is versioned: there is no .dvc here", "Run `siu init` here")
    from dvc.fs import RemoteMissingDepsError
    from dvc.repo import Repo

    with Repo(str(workspace.root)) as repo:
        name = repo.config["core"].get("remote")
        if not name:
            return Check("dvc", "ok", "versions are kept here; no remote is set (`dvc remote add -d`)")
        try:
            filesystem = repo.cloud.get_remote(name).fs
            filesystem.exists(repo.cloud.get_remote(name).path)
        except (ImportError, RemoteMissingDepsError) as error:
            missing = missing_package(name, repo.config["remote"][name]["url"], error)
            return Check("dvc", "warn", f"remote {name}: {missing.what}", missing.remedy)
        except Exception as error:  # noqa: BLE001  # of whatever library reaches that kind of remote
            remedy = f"See `dvc remote list` and whether {name} can be reached from here"
            return Check("dvc", "warn", f"remote {name}: {type(error).__name__}", remedy)
        return Check("dvc", "ok", f"remote {name} can be reached")


def schedule(workspace: Workspace, _params: Params) -> Check:
    """See whether batches are run on a schedule, and how the last one went."""
    standing = Standing.of(workspace)
    text, run = str(standing), standing.last_run
    if not text:
        return Check("schedule", "ok", "never served here (`siu up` does)")
    if not standing.is_served:
        return Check("schedule", "warn", text, "Start `siu up` again, by systemd best")
    if run is not None and run.event == "failed":
        return Check("schedule", "warn", text, "Run `siu batch`, which says more")
    return Check("schedule", "ok", text)


def password(workspace: Workspace, _params: Params) -> Check:
    """See whether others can read the servers' password."""
    file = workspace.service_password
    if file.is_file() and file.stat().st_mode & 0o077:
        return Check("password", "fail", f"others can read {file}", f"Run `rm {file}`: a new one is made")
    return Check("password", "ok", "private" if file.is_file() else "none yet; `siu up` makes one")


def messages(_workspace: Workspace, params: Params) -> Check:
    """See whether the secrets that params.yaml refers to are set."""
    notify = params.notify
    wanted = [notify.slack_env] if notify.slack_env else []
    if notify.mail.host and notify.mail.user:
        wanted.append(notify.mail.password_env)
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        text = f"not set here: {', '.join(missing)}"
        return Check(
            "messages", "warn", text, "Set it where `siu up` is started; messages are not sent without"
        )
    ways = [bool(notify.webhook), bool(notify.slack_env), bool(notify.mail.host)]
    return Check(
        "messages", "ok", f"{sum(ways)} ways" if any(ways) else "nobody is told (params.yaml: notify)"
    )
