from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from flows.cli.forget import found_as
from siu.data.images import image_digest, load_image
from siu.data.intake.requests import read_table_of_requests, take_in
from siu.errors import InputError, PreflightError
from siu.storage.workspace import Workspace
from tasks.requests import add_request as add_record
from tasks.requests import withdraw
from tasks.table_request import NewRequest, add_row
from tests.requests_table import read_requests


def add_request(
    workspace: Workspace, name: str, image: Path, kind: str, aliases: tuple[str, ...], *, force: bool = False
) -> str:
    return add_row(workspace, NewRequest(name, image, kind, aliases, force))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "mira talvon.jpg"
    image = Image.new("RGB", (32, 32), (200, 30, 90))
    image.putpixel((3, 3), (0, 0, 0))
    image.save(path, exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00")
    return path


def content(workspace: Workspace) -> dict[Path, bytes]:
    """Return every file but the lock's."""
    files = (path for path in workspace.root.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path: path.read_bytes() for path in files}


def test_a_request_is_added_under_an_opaque_id_with_a_clean_picture(
    workspace: Workspace, picture: Path
) -> None:
    assert add_request(workspace, " Mira  Talvon ", picture, "person", ("Mira",)) == "r-1"
    (request,) = read_requests(workspace.root / "requests.csv")
    assert (request.name, request.kind, request.aliases) == ("Mira Talvon", "person", ("Mira",))
    assert request.image == workspace.root / "requests" / "r-1.png"
    assert request.received is not None
    with Image.open(request.image) as clean:
        assert clean.info == {}


def test_the_same_name_is_the_same_request(workspace: Workspace, picture: Path) -> None:
    add_request(workspace, "Mira Talvon", picture, "person", ())
    assert add_request(workspace, "Mira Talvon", picture, "person", ()) == "r-1"
    assert len(read_requests(workspace.root / "requests.csv")) == 1


def test_requests_that_come_at_once_are_all_added(workspace: Workspace, tmp_path: Path) -> None:
    asked = {f"Name {number}": tmp_path / f"{number}.png" for number in range(6)}
    for number, path in enumerate(asked.values()):
        Image.new("RGB", (32, 32), (40 * number, 9, 9)).save(path)
    with ThreadPoolExecutor(len(asked)) as pool:
        ids = list(pool.map(lambda name: add_request(workspace, name, asked[name], "person", ()), asked))
    requests = read_requests(workspace.root / "requests.csv")
    assert {one.request_id: one.name for one in requests} == dict(zip(ids, asked, strict=True))
    assert all(
        image_digest(load_image(one.image)) == image_digest(load_image(asked[one.name])) for one in requests
    )


def test_the_same_name_with_anything_else_is_not_passed_over(
    workspace: Workspace, picture: Path, tmp_path: Path
) -> None:
    add_request(workspace, "Mira Talvon", picture, "person", ("Mira",))
    before = content(workspace)
    other = tmp_path / "other.png"
    Image.new("RGB", (32, 32), (9, 9, 9)).save(other)
    with pytest.raises(InputError, match=r"E-REQ-006 .*r-1: 'Mira Talvon' is requested with another picture"):
        add_request(workspace, "Mira Talvon", other, "person", ())
    with pytest.raises(InputError, match=r"E-REQ-011 .*without the alias 'M\. T\.'"):
        add_request(workspace, "Mira Talvon", picture, "person", ("Mira", "M. T."))
    with pytest.raises(InputError, match=r"E-REQ-011 .*as 'person', not 'logo'"):
        add_request(workspace, "Mira Talvon", picture, "logo", ())
    assert add_request(workspace, "Mira Talvon", picture, "other", ("Mira",)) == "r-1", "no kind was said"
    assert content(workspace) == before


def test_a_table_in_another_encoding_is_named_and_kept(workspace: Workspace, picture: Path) -> None:
    table = workspace.root / "requests.csv"
    table.write_bytes("request_id,name,image\nr-1,Иван,jose.png\n".encode("cp1251"))
    before = content(workspace)
    with pytest.raises(InputError, match=r"E-CSV-002 .*not UTF-8"):
        add_request(workspace, "Mira Talvon", picture, "person", ())
    assert content(workspace) == before


def test_a_spreadsheets_table_stays_one_that_it_reads(workspace: Workspace, picture: Path) -> None:
    table = workspace.root / "requests.csv"
    table.write_bytes("Request ID;Name;Image;Kind\nR-7;José;jose.png;Logo\n;;;\n".encode("cp1252"))
    assert add_request(workspace, "Mira Talvon", picture, "person", ("Mira", "M. T.")) == "r-1"
    text = table.read_text(encoding="utf-8")
    assert text.startswith(
        "\ufeffrequest_id;name;image;kind;aliases;received;force;policy\nR-7;José;jose.png;Logo;;;;\n"
    )
    assert 'r-1;Mira Talvon;requests/r-1.png;person;"Mira;M. T.";' in text


def test_an_unsound_row_stays_as_it_is(workspace: Workspace, picture: Path) -> None:
    table = workspace.root / "requests.csv"
    table.write_text("request_id,name,image\nr-7,?,none.png\n")
    assert add_request(workspace, "Mira Talvon", picture, "person", (), force=True) == "r-1"
    intake = take_in(read_table_of_requests(table))
    assert [request.request_id for request in intake.requests] == ["r-1"]
    assert intake.requests[0].force
    assert [refused.request_id for refused in intake.refused] == ["r-7"]


def test_a_row_that_cannot_be_written_again_is_not_lost(workspace: Workspace, picture: Path) -> None:
    (workspace.root / "requests.csv").write_text("request_id,name,image\nr-7,A,b,c.png\n")
    before = content(workspace)
    with pytest.raises(InputError, match="E-CSV-004"):
        add_request(workspace, "Mira Talvon", picture, "person", ())
    assert content(workspace) == before


@pytest.mark.parametrize("table", ["", "\n", "request_id,name,image,kind,aliases,received\n"])
def test_a_table_without_rows_gets_its_first(workspace: Workspace, picture: Path, table: str) -> None:
    (workspace.root / "requests.csv").write_text(table)
    assert add_request(workspace, "Mira Talvon", picture, "person", ()) == "r-1"


def test_a_row_without_a_header_is_not_lost(workspace: Workspace, picture: Path) -> None:
    (workspace.root / "requests.csv").write_text("r-7,Tumtum,tumtum.png\n")
    before = content(workspace)
    with pytest.raises(InputError, match="E-CSV-003"):
        add_request(workspace, "Mira Talvon", picture, "person", ())
    assert content(workspace) == before


def test_a_picture_of_another_request_is_never_replaced(workspace: Workspace, picture: Path) -> None:
    own = workspace.request_store / "r-1.png"
    own.parent.mkdir()
    Image.new("RGB", (32, 32), (1, 2, 3)).save(own)
    before = own.read_bytes()
    rows = "request_id,name,image\nticket-9,Tumtum,requests/r-1.png\n"
    (workspace.root / "requests.csv").write_text(rows)
    assert add_request(workspace, "Mira Talvon", picture, "person", ()) == "r-2"
    assert own.read_bytes() == before


def test_a_bad_request_leaves_the_table_as_it_was(workspace: Workspace, picture: Path) -> None:
    add_request(workspace, "Mira Talvon", picture, "person", ())
    before = content(workspace)
    with pytest.raises(PreflightError, match=r"E-REQ-002 .*unknown kind 'planet'"):
        add_request(workspace, "Tumtum", picture, "planet", ())
    with pytest.raises(InputError, match="E-REQ-008 r-2: r-1 has the same picture under another name"):
        add_request(workspace, "Mira Talwon", picture, "person", ())
    with pytest.raises(InputError, match="E-IMG-001"):
        add_request(workspace, "Tumtum", Path("missing.png"), "creature", ())
    assert content(workspace) == before, "no row, and no picture that nobody asked for"


def test_a_record_is_seen_as_a_row_is(workspace: Workspace, picture: Path, tmp_path: Path) -> None:
    assert add_record(workspace, {"name": "Mira Talvon", "kind": "person"}, picture) == "r-1"
    assert add_request(workspace, "Mira Talvon", picture, "person", ()) == "r-1"
    assert not (workspace.root / "requests.csv").exists()
    other = tmp_path / "other.png"
    Image.new("RGB", (32, 32), (9, 9, 9)).save(other)
    with pytest.raises(InputError, match="E-REQ-006 request r-1"):
        add_request(workspace, "Mira Talvon", other, "person", ())
    with pytest.raises(InputError, match="E-REQ-007 r-2"):
        add_request(workspace, "MIRA Talvon", picture, "person", ())
    withdraw(workspace, "r-1", "by mistake")
    assert add_request(workspace, "Mira Talvon", picture, "person", ()) == "r-2", "withdrawn is not asked for"
    with pytest.raises(InputError, match="E-REQ-006 r-3: r-2 asks for"):
        add_record(workspace, {"name": "Mira Talvon", "kind": "person"}, other)


def test_a_person_sees_in_which_spellings_a_name_is_found() -> None:
    line = found_as("Renée Dubois", ("Jürgen Weiß",))
    assert line.startswith("also found as: Renee Dubois · ")
    assert "Juergen Weiss" in line
    assert line.endswith("; add others with --alias")
    assert found_as("雪", ()) != ""
