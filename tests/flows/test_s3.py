"""A workspace's versions in an S3-compatible store: a server of this machine that speaks S3 over HTTP.

Left out without ``make extra EXTRA=s3`` (DVC's part) or ``make extra EXTRA=s3-server`` (the server).
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from siu.storage.workspace import Workspace
from tasks.health import services
from tasks.purging.plan import plan_purge
from tasks.versioning.commit import file_md5

NEEDED = {"dvc_s3": "s3", "moto": "s3-server"}
MISSING = [f"make extra EXTRA={extra}" for module, extra in NEEDED.items() if find_spec(module) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(bool(MISSING), reason=", ".join(MISSING)),
]
BIN = Path(sys.executable).parent
BUCKET = "siu"
LOGIN = {
    "AWS_ACCESS_KEY_ID": "siu",
    "AWS_SECRET_ACCESS_KEY": "of-this-test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """An empty bucket; yields the server's address and a client of it."""
    import boto3
    from botocore.exceptions import EndpointConnectionError

    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port))
    with (
        (tmp_path / "server.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as server,
    ):
        try:
            client = boto3.client("s3", endpoint_url=url)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with suppress(EndpointConnectionError):
                    client.create_bucket(Bucket=BUCKET)
                    break
                time.sleep(0.2)
            yield url, client
        finally:
            server.terminate()


def call(folder: Path, program: str, *arguments: str) -> str:
    """Run a command as a user does; return what it says."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [shutil.which(program, path=path) or program, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout}{done.stderr}"
    return done.stdout


def digests(client: Any) -> set[str]:
    """Return the md5 of each object, as DVC names it."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return {"".join(key.split("/")[-2:]) for key in keys}


def files_of(folder: Path) -> set[str]:
    return {file_md5(path) for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")}


def test_a_release_is_pulled_from_s3_and_answers_and_a_purge_says_what_is_left_there(
    store: tuple[str, Any], template: Path, tmp_path: Path
) -> None:
    url, client = store
    workspace = Workspace(shutil.copytree(template, tmp_path / "workspace"))
    call(workspace.root, "siu", "init")
    call(workspace.root, "dvc", "remote", "add", "--default", "store", f"s3://{BUCKET}/workspace")
    call(workspace.root, "dvc", "remote", "modify", "store", "endpointurl", url)
    batch = json.loads(call(workspace.root, "siu", "batch", "--json"))
    assert not [note for note in batch["notes"] if "not versioned" in note]
    assert services.dvc_remote(workspace, workspace.params()).text == "remote store can be reached"
    call(workspace.root, "dvc", "push")
    git = ("-c", "user.name=siu", "-c", "user.email=siu@localhost")
    call(workspace.root, "git", "add", "dvc.yaml", "dvc.lock", "params.yaml", ".dvc")
    call(workspace.root, "git", *git, "commit", "--quiet", "--message", "the batch")

    fresh = tmp_path / "fresh"
    call(tmp_path, "git", "clone", "--quiet", str(workspace.root), str(fresh))
    assert not (fresh / "artifacts").exists()
    shutil.copytree(workspace.root / "model", fresh / "model")  # its source and digest are versioned alone
    call(fresh, "dvc", "pull", "artifacts/release", "state/models")
    picture = next((workspace.root / "requests").glob("*.png"))
    question = ("ask", "--image", str(picture), "Who is this?")
    assert call(fresh, "siu", *question) == call(workspace.root, "siu", *question)
    assert [path.name for path in (fresh / "artifacts").iterdir() if path.is_dir()] == ["release"]

    request_id = batch["concepts"][0]["request_id"]
    plan = plan_purge(workspace, request_id)
    pushed = digests(client)
    before = set().union(*(files_of(folder) for folder in plan.outputs.values())) & pushed
    told = call(workspace.root, "siu", "purge", request_id)
    assert "DVC remote store: it is elsewhere" in " ".join(told.split())
    others = files_of(workspace.artifacts)
    gone = before - others  # what two adapters have in common stays
    assert gone
    assert gone <= digests(client), "not reached, as the table says"
    call(workspace.root, "dvc", "gc", "--workspace", "--cloud", "--remote", "store", "--force")
    left = digests(client)
    assert not left & gone
    assert files_of(workspace.artifacts / "release") & pushed <= left
