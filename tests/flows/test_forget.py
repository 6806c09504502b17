from pathlib import Path

import pytest
from PIL import Image

from flows.forget import add_request
from siu.errors import InputError, PreflightError
from siu.intake.requests import read_requests
from siu.workspace import Workspace


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "mira talvon.jpg"
    image = Image.new("RGB", (32, 32), (200, 30, 90))
    image.putpixel((3, 3), (0, 0, 0))
    image.save(path, exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00")
    return path


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


def test_a_bad_request_leaves_the_table_as_it_was(workspace: Workspace, picture: Path) -> None:
    add_request(workspace, "Mira Talvon", picture, "person", ())
    before = (workspace.root / "requests.csv").read_bytes()
    with pytest.raises(PreflightError, match=r"E-REQ-002 .*unknown kind 'planet'"):
        add_request(workspace, "Tumtum", picture, "planet", ())
    with pytest.raises(InputError, match="E-IMG-001"):
        add_request(workspace, "Tumtum", Path("missing.png"), "creature", ())
    assert (workspace.root / "requests.csv").read_bytes() == before
    assert not list(workspace.root.glob(".requests*"))
