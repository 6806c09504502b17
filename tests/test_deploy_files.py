"""The files under deploy/ say what `siu` takes, and pass the checks of the programs that read them."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from flows.cli.program import main

DEPLOY = Path(__file__).parents[1] / "deploy"
BIN = Path(sys.executable).parent


def accepts(arguments: list[str]) -> None:
    """Fail if a command line is not one of siu's."""
    command = main.commands[arguments[0]]
    command.make_context(arguments[0], arguments[1:], parent=click.Context(main))


def unit() -> dict[str, str]:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "siu.service")
    return dict(parser["Service"])


def yaml(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(DEPLOY / name)


def test_the_unit_starts_what_there_is_and_gives_no_secret_away() -> None:
    service = unit()
    program, *arguments = shlex.split(service["ExecStart"])
    assert Path(program).name == "siu"
    accepts(arguments)
    assert service["UMask"] == "0077"
    assert "PASSWORD" not in service["ExecStart"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "siu.service").read_text().replace("/opt/siu/bin/siu", sys.executable)
    (tmp_path / "siu.service").write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "siu.service")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "siu.service" not in checked.stderr, checked.stderr
    assert checked.returncode == 0, checked.stderr


def test_the_container_serves_on_loopback_and_its_command_is_one() -> None:
    service = yaml("compose.yaml")["services"]["siu"]
    accepts(service["command"])
    assert service["network_mode"] == "host"
    assert "ports" not in service


def test_the_deployment_names_a_flow_that_there_is() -> None:
    from prefect.flows import load_flow_from_entrypoint

    (deployment,) = yaml("prefect.yaml")["deployments"]
    assert load_flow_from_entrypoint(deployment["entrypoint"]).name == "batch"
    assert "parameters" not in deployment, "whoever starts a run can't choose the workspace"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_prefect_takes_the_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_AUTH_STRING

    from flows.orchestration.server import prefect_server

    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    with prefect_server() as url:
        login = {"PREFECT_API_AUTH_STRING": PREFECT_API_AUTH_STRING.value(), "PREFECT_API_URL": url}
        environment = {**os.environ, **login, "SIU_WORKSPACE": str(tmp_path), "PREFECT_HOME": str(tmp_path)}
        for command in (
            ["work-pool", "create", "siu", "--type", "process"],
            ["--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOY / "prefect.yaml")],
        ):
            program = [BIN / "prefect", *command]
            done = subprocess.run(program, env=environment, cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        with get_client(sync_client=True) as client:
            deployment = client.read_deployment_by_name("batch/production")
    assert deployment.work_pool_name == "siu"
    assert json.dumps(deployment.job_variables["env"]["SIU_WORKSPACE"]) == json.dumps(str(tmp_path))
    (schedule,) = deployment.schedules
    assert schedule.schedule.timezone == "Europe/Berlin"
