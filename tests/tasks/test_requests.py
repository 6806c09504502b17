"""Requests as people handle them, each with a record and an entry of the ledger."""

import json
from pathlib import Path

import pytest
from PIL import Image

from siu.audit.ledger import Ledger
from siu.data.intake.requests import take_in
from siu.errors import InputError, PreflightError
from siu.storage.workspace import Workspace
from tasks.history import History
from tasks.known_requests import all_requests, records_of
from tasks.requests import (
    add_request,
    extend,
    import_requests,
    make_up_for,
    withdraw,
)

HEADER = "request_id,name,image,kind"


def picture(folder: Path, shade: int) -> Path:
    image = Image.new("RGB", (16, 16), (shade, 90, 160))
    image.putpixel((0, 0), (255, 255, 255))
    image.save(folder / f"{shade}.png")
    return folder / f"{shade}.png"


def told(workspace: Workspace) -> list[tuple[str, str]]:
    return [(entry.event, entry.request_id) for entry in Ledger(workspace.ledger).entries()]


def taken(workspace: Workspace) -> dict[str, str]:
    intake = take_in(all_requests(workspace, workspace.root / "requests.csv"))
    assert not intake.refused
    return {request.request_id: request.name for request in intake.requests}


def add(workspace: Workspace, name: str, shade: int, **cells: str) -> str:
    return add_request(workspace, {"name": name, **cells}, picture(workspace.root, shade))


def test_an_added_request_is_taken_in_without_a_table(workspace: Workspace) -> None:
    assert add(workspace, "Mira Talvon", 1, kind="person") == "r-1"
    (workspace.root / "1.png").unlink()
    assert taken(workspace) == {"r-1": "Mira Talvon"}
    assert told(workspace) == [("received", "r-1")]
    assert "Talvon" not in workspace.ledger.read_text()
    assert (workspace.request_store / "r-1.png").stat().st_mode & 0o777 == 0o600


def test_records_and_table_are_one_list_and_ids_are_apart(workspace: Workspace) -> None:
    picture(workspace.root, 1)
    (workspace.root / "requests.csv").write_text(f"{HEADER}\nr-1,Davi Maresh,1.png,person\n")
    assert add(workspace, "Mira Talvon", 2) == "r-2"
    assert taken(workspace) == {"r-1": "Davi Maresh", "r-2": "Mira Talvon"}
    with pytest.raises(InputError, match="E-REQ-025 --id: the id r-1 is in use"):
        add(workspace, "Olin Brask", 3, request_id="r-1")


def test_a_bad_request_is_told_as_a_whole_and_nothing_is_written(workspace: Workspace) -> None:
    with pytest.raises(PreflightError) as caught:
        add_request(workspace, {"name": "", "kind": "planet"}, workspace.root / "none.png")
    assert [problem.code for problem in caught.value.problems] == ["E-NAM-001", "E-REQ-002", "E-IMG-001"]
    assert not workspace.request_records.exists()
    assert not workspace.ledger.exists()


def test_one_name_with_two_pictures_is_refused_at_once(workspace: Workspace) -> None:
    add(workspace, "Mira Talvon", 1)
    with pytest.raises(InputError, match="E-REQ-006 r-2: r-1 asks for"):
        add(workspace, "Mira Talvon", 2)
    withdraw(workspace, "r-1", "another picture")
    assert add(workspace, "Mira Talvon", 2) == "r-2"


def test_an_import_again_changes_nothing_and_a_changed_row_is_told(workspace: Workspace) -> None:
    for shade in (1, 2):
        picture(workspace.root, shade)
    file = workspace.root / "may.csv"
    file.write_text(f"{HEADER}\nm-1,Mira Talvon,1.png,person\nm-2,Davi Maresh,2.png,planet\n")
    first = import_requests(workspace, file)
    assert (first.new, first.known, first.changed) == (("m-1",), (), {})
    assert [problem.code for problem in first.refused["m-2"]] == ["E-REQ-002"]
    size = workspace.ledger.stat().st_size
    again = import_requests(workspace, file)
    assert (again.new, again.known, again.changed) == ((), ("m-1",), {})
    assert workspace.ledger.stat().st_size == size
    file.write_text(f"{HEADER}\nm-1,Mira Talvon,2.png,creature\nm-2,Davi Maresh,2.png,person\n")
    picture(workspace.root, 1)
    changed = import_requests(workspace, file)
    assert changed.changed == {}, "one picture under two names: both rows are refused"
    file.write_text(f"{HEADER}\nm-1,Mira Talvon,1.png,creature\nm-2,Davi Maresh,2.png,person\n")
    changed = import_requests(workspace, file)
    assert (changed.new, changed.changed) == (("m-2",), {"m-1": ["kind"]})
    assert taken(workspace) == {"m-1": "Mira Talvon", "m-2": "Davi Maresh"}
    assert records_of(workspace).read().added["m-1"].kind == "person"


def test_open_dsr_is_a_way_in(workspace: Workspace) -> None:
    picture(workspace.root, 1)
    request = {
        "subject_request_id": "dsr-1",
        "subject_request_type": "erasure",
        "submitted_time": "2026-10-02T15:00:00Z",
        "subject_identities": [{"identity_type": "name", "identity_value": "Mira Talvon"}],
        "extensions": {"siu": {"image": "1.png", "kind": "person"}},
    }
    file = workspace.root / "dsr.json"
    file.write_text(json.dumps(request))
    assert import_requests(workspace, file).new == ("dsr-1",)
    assert import_requests(workspace, file).known == ("dsr-1",)
    assert Ledger(workspace.ledger).entries()[0].data["received"] == "2026-10-02"


def test_the_table_itself_may_be_imported_and_a_changed_row_is_noted(workspace: Workspace) -> None:
    picture(workspace.root, 1)
    table = workspace.root / "requests.csv"
    table.write_text(f"{HEADER}\nr-1,Mira Talvon,1.png,person\n")
    import_requests(workspace, table)
    assert take_in(all_requests(workspace, table)).notes == ()
    table.write_text(f"{HEADER}\nr-1,Mira Talvon,1.png,logo\n")
    intake = take_in(all_requests(workspace, table))
    assert [request.kind for request in intake.requests] == ["person"]
    (note,) = intake.notes
    assert "r-1 is asked for otherwise than it was taken in (kind)" in note
    assert "Talvon" not in note


def test_a_withdrawn_request_is_left_out_of_table_and_records(workspace: Workspace) -> None:
    picture(workspace.root, 1)
    (workspace.root / "requests.csv").write_text(f"{HEADER}\nt-1,Davi Maresh,1.png,person\n")
    add(workspace, "Mira Talvon", 2)
    add(workspace, "Olin Brask", 3)
    withdraw(workspace, "t-1", "by mistake")
    withdraw(workspace, "r-1", "by mistake")
    assert taken(workspace) == {"r-2": "Olin Brask"}
    assert "mistake" not in workspace.ledger.read_text()
    (note,) = take_in(all_requests(workspace, workspace.root / "requests.csv")).notes
    assert note == "requests.csv:2: t-1 was withdrawn and is left out"


@pytest.mark.parametrize("decide", [withdraw, extend])
def test_decisions_are_about_requests_that_there_are_and_have_a_reason(workspace: Workspace, decide) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="E-REQ-020 there is no request 'r-1'"):
        decide(workspace, "r-1", "why")
    add(workspace, "Mira Talvon", 1)
    for reason in (" ", "x" * 501):
        with pytest.raises(InputError, match="E-REQ-028"):
            decide(workspace, "r-1", reason)
    withdraw(workspace, "r-1", "why")
    with pytest.raises(InputError, match="E-REQ-022 r-1 was withdrawn on"):
        decide(workspace, "r-1", "why")


def test_no_id_is_given_while_the_table_cant_be_read(workspace: Workspace) -> None:
    (workspace.root / "requests.csv").write_bytes(b"request_id,name,image\nr-1,\xd0\xcf,a.png\n")
    with pytest.raises(InputError, match="E-CSV-002"):
        add(workspace, "Mira Talvon", 1)
    (workspace.root / "requests.csv").unlink()
    add(workspace, "Mira Talvon", 1)
    (workspace.root / "requests.csv").write_bytes(b"request_id,name,image\nr-1,\xd0\xcf,a.png\n")
    withdraw(workspace, "r-1", "what is known otherwise is decided all the same")
    with pytest.raises(InputError, match="E-CSV-002"):
        withdraw(workspace, "r-2", "why")


def test_a_request_is_extended_once(workspace: Workspace) -> None:
    add(workspace, "Mira Talvon", 1)
    extend(workspace, "r-1", "twins to be told apart")
    with pytest.raises(InputError, match="E-REQ-021 r-1 was extended on"):
        extend(workspace, "r-1", "more twins")


def test_who_acts_is_in_the_ledger(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIU_ACTOR", "anna\n<b>")
    add(workspace, "Mira Talvon", 1)
    assert Ledger(workspace.ledger).entries()[0].data["actor"] == "anna--b-"


def test_what_a_killed_process_did_not_write_down_is_made_up_for(workspace: Workspace) -> None:
    add(workspace, "Mira Talvon", 1)
    withdraw(workspace, "r-1", "by mistake")
    said = told(workspace)
    workspace.ledger.unlink()
    for _ in range(2):
        make_up_for(workspace, History(Ledger(workspace.ledger)))
        assert told(workspace) == said
