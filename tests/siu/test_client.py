import os
from pathlib import Path

import pytest

from siu.client import Client, RequestState
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tests.siu.workspace_files import PLAN, write_finished


@pytest.fixture
def finished(tmp_path: Path) -> Workspace:
    workspace = write_finished(tmp_path / "workspace", "b1", "b2")
    for age, batch in enumerate(("b2", "b1")):
        for path in (workspace.reports / batch).iterdir():
            os.utime(path, (1e9 - age, 1e9 - age))
    return workspace


def test_a_request_has_its_last_state_and_verdict(finished: Workspace) -> None:
    released, refused = Client(finished.root / "state").requests()
    assert (released.request_id, released.state) == ("r-1", "released")
    assert (released.verdict, released.assurance, released.code) == ("partial", "quick", None)
    assert refused == RequestState("r-2", "quarantined", refused.since, code="E-REQ-012")


def test_the_release_is_what_latest_names(finished: Workspace) -> None:
    release = Client(finished).release()
    assert release is not None
    assert (release.plan, release.adapter) == (PLAN, finished.models / PLAN[:12])
    (finished.models / "latest.json").write_text("{")
    with pytest.raises(StateError, match="E-API-003"):
        Client(finished).release()
    (finished.models / "latest.json").unlink()
    assert Client(finished).release() is None


def test_the_newest_batch_is_read_unless_another_is_named(finished: Workspace) -> None:
    client = Client(finished)
    assert client.batches() == ["b1", "b2"]
    assert client.report() == finished.reports / "b2" / "report.html"
    assert client.report("b1", redacted=True) == finished.reports / "b1" / "report-redacted.html"
    assert client.summary()["batch_id"] == "b2"
    with pytest.raises(StateError, match=r"E-RUN-006 .*'b3'"):
        client.report("b3")


def test_a_released_request_has_the_numbers_of_the_release(finished: Workspace) -> None:
    client = Client(finished)
    assert client.scorecard("r-1")["after"] == {"generality_em": 0.5}
    assert client.findings("r-1") == [{"attack": "hints"}]
    assert client.scorecard("r-2")["verdict"] == "quarantined"
    assert client.findings("r-2") == []
    with pytest.raises(InputError, match="E-API-004"):
        client.scorecard("r-3")


def test_outside_of_a_workspace_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E-WSP-001"):
        Client(tmp_path)
