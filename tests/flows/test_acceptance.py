"""A release is deployed by a rule or by a person, and taken back in one step that no batch undoes."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli.program import main
from flows.cli.status import states
from siu.audit.ledger import Ledger
from siu.storage.workspace import Workspace
from tasks.releases import all_releases
from tests.flows.batches import change, events, run


def siu(workspace: Workspace, *arguments: object) -> Result:
    command = [*map(str, arguments), "--workspace", str(workspace.root)]
    return CliRunner().invoke(main, command)


def stands(workspace: Workspace) -> dict[int, str]:
    return {number: release.state for number, release in all_releases(workspace).items()}


def latest(workspace: Workspace) -> int:
    return int(json.loads((workspace.models / "latest.json").read_text())["number"])


def retrained(workspace: Workspace, steps: int) -> None:
    change(workspace, "release", steps_per_concept=steps)
    run(workspace)


def test_a_release_that_is_worse_than_the_rule_waits_for_a_person(standing: Workspace) -> None:
    change(standing, "release", worst="erased")
    result = run(standing)
    assert stands(standing) == {1: "waiting"}
    assert result.release is not None
    assert result.summary()["release"]["requests"] == ["r-0", "r-1"]
    assert not (standing.models / "latest.json").exists()
    assert events(standing, "r-0")[-1] == "waiting"
    assert states(standing)[0]["status"] == "partial"
    waits = siu(standing, "ask", "--json")
    assert "waits for a person to accept it (partial)" in json.loads(waits.stdout)["remark"]
    assert "E-REL-013 release 1 waits" in siu(standing, "export", standing.root / "out").stderr
    assert "E-REL-013 release 1 waits" in siu(standing, "certificate", "r-0").stderr
    size = standing.ledger.stat().st_size
    run(standing)
    assert standing.ledger.stat().st_size == size, "it goes on waiting, and nothing is said twice"

    accepted = siu(standing, "release", "accept", 1, "--reason", "Mira agrees")
    assert accepted.stdout == "release 1 is deployed (partial)\n"
    assert stands(standing) == {1: "deployed"}
    assert latest(standing) == 1
    assert events(standing, "r-0")[-1] == "released"
    assert "Mira" not in standing.ledger.read_text()
    assert "Mira agrees" in standing.release_reasons.read_text()
    assert json.loads(siu(standing, "ask", "--json").stdout)["remark"] == ""
    assert "E-REL-011" in siu(standing, "release", "accept", 1, "--reason", "again").stderr
    run(standing)
    assert stands(standing) == {1: "deployed"}


def test_by_person_nothing_is_deployed_by_itself(standing: Workspace) -> None:
    change(standing, "release", acceptance="by_person")
    run(standing)
    assert stands(standing) == {1: "waiting"}


def test_a_release_is_taken_back_and_no_batch_deploys_it_again(standing: Workspace) -> None:
    run(standing)
    assert "E-REL-012" in siu(standing, "release", "rollback", "--reason", "why").stderr
    retrained(standing, 3)
    assert stands(standing) == {1: "replaced", 2: "deployed"}
    taken = siu(standing, "release", "rollback", "--reason", "answers are garbled")
    assert taken.stdout.startswith("release 2 is taken back; release 1 is deployed")
    assert stands(standing) == {1: "deployed", 2: "rolled_back"}
    assert latest(standing) == 1
    events = [entry.event for entry in Ledger(standing.ledger).entries() if entry.event != "sealed"]
    assert events[-3:] == ["release_rolled_back", "released", "released"]
    run(standing)
    assert (stands(standing), latest(standing)) == ({1: "deployed", 2: "rolled_back"}, 1)
    assert "E-REL-012" in siu(standing, "release", "rollback", "--reason", "why").stderr
    assert siu(standing, "release", "accept", 2, "--reason", "they were not").exit_code == 0
    assert stands(standing) == {1: "replaced", 2: "deployed"}
    assert siu(standing, "release", "rollback", "--to", 1, "--reason", "why").exit_code == 0
    assert latest(standing) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from siu.storage.workspace import Workspace
from tasks import acceptance

acceptance.name_latest = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
acceptance.{decision}
"""


def killed(workspace: Workspace, decision: str) -> None:
    """Take a decision in a process that dies between the ledger and the file that names the release."""
    place = f"Workspace(Path({str(workspace.root)!r}))"
    done = subprocess.run([sys.executable, "-c", KILLED.format(decision=decision.format(place))], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_decision_whose_process_was_killed_is_taken_again(standing: Workspace) -> None:
    change(standing, "release", acceptance="by_person")
    run(standing, until="release")
    killed(standing, "accept({}, 1, 'why')")
    assert not (standing.models / "latest.json").exists()
    assert siu(standing, "release", "accept", 1, "--reason", "why").exit_code == 0
    assert latest(standing) == 1


def test_a_rollback_whose_process_was_killed_is_ended_by_the_next_batch(standing: Workspace) -> None:
    run(standing, until="release")
    change(standing, "release", steps_per_concept=3)
    run(standing, until="release")
    killed(standing, "rollback({}, 'why')")
    assert (stands(standing), latest(standing)) == ({1: "deployed", 2: "rolled_back"}, 2)
    run(standing, until="release")
    assert (stands(standing), latest(standing)) == ({1: "deployed", 2: "rolled_back"}, 1)


def test_a_changed_release_is_not_deployed_by_a_person_either(standing: Workspace) -> None:
    change(standing, "release", acceptance="by_person")
    run(standing)
    (config,) = standing.models.glob("*/adapter_config.json")
    config.write_text(config.read_text() + " ")
    assert "E-REL-003" in siu(standing, "release", "accept", 1, "--reason", "why").stderr
    assert stands(standing) == {1: "waiting"}


def test_releases_are_listed_shown_and_compared(standing: Workspace) -> None:
    assert siu(standing, "release", "list").stdout.startswith("No release yet")
    assert json.loads(siu(standing, "release", "list", "--json").stdout) == []
    run(standing)
    siu(standing, "request", "withdraw", "r-0", "--reason", "by mistake")
    run(standing)
    first, second = json.loads(siu(standing, "release", "list", "--json").stdout)
    assert (first["state"], second["state"], second["parent"]) == ("replaced", "deployed", 1)
    assert [member["request_id"] for member in second["members"]] == ["r-1"]
    assert "r-0" in siu(standing, "release", "show", 1).stdout
    shown = json.loads(siu(standing, "release", "show", 2, "--json").stdout)
    assert [told["release"] for told in shown["history"]["r-1"]] == [1, 2]
    told = json.loads(siu(standing, "release", "diff", 1, 2, "--json").stdout)
    assert (told["added"], told["left"]) == ([], ["r-0"])
    assert "left: r-0" in siu(standing, "release", "diff", 1, 2).stdout
    for command in (("show", 9), ("diff", 1, 9), ("accept", 9, "--reason", "why")):
        result = siu(standing, "release", *command)
        assert result.exit_code == 2
        assert "E-REL-010 there is no release 9" in result.stderr


@pytest.mark.parametrize("reason", ["", " "])
def test_a_decision_has_a_reason(standing: Workspace, reason: str) -> None:
    assert "E-REQ-028" in siu(standing, "release", "accept", 1, "--reason", reason).stderr
    assert not Path(standing.ledger).exists()
