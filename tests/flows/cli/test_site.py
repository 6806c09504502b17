from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from flows.cli.program import main
from siu.storage.workspace import Workspace
from tasks.known_requests import display_names
from tasks.requests import add_request
from tests.siu.workspace_files import write_finished

TABLE = "request_id,name,image\nr-1,Mira Talvon,nowhere.png\n"


@pytest.fixture
def finished(tmp_path: Path) -> Workspace:
    return write_finished(tmp_path / "workspace", "b1")


def written(workspace: Workspace, *options: str) -> Path:
    done = CliRunner().invoke(main, ["site", "--workspace", str(workspace.root), *options])
    assert done.exit_code == 0, done.output
    return Path(done.output.strip())


def test_the_index_has_no_names_unless_they_are_asked_for(finished: Workspace) -> None:
    (finished.root / "requests.csv").write_text(TABLE)
    assert written(finished) == finished.reports / "index.html"
    assert "Mira" not in (finished.reports / "index.html").read_text(encoding="utf-8")
    assert "Mira Talvon" in written(finished, "--names").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [None, "request_id,name,image\n"])
def test_without_requests_in_the_table_there_are_ids(finished: Workspace, table: str | None) -> None:
    if table is not None:
        (finished.root / "requests.csv").write_text(table)
    assert "r-1" in written(finished, "--names").read_text(encoding="utf-8")


def test_a_record_has_a_name_too(finished: Workspace, tmp_path: Path) -> None:
    image = Image.new("RGB", (16, 16), (9, 90, 160))
    image.putpixel((0, 0), (255, 255, 255))
    image.save(tmp_path / "a.png")
    added = add_request(finished, {"name": "Davi Maresh", "kind": "person"}, tmp_path / "a.png")
    (finished.root / "requests.csv").write_text(TABLE)
    assert display_names(finished) == {"r-1": "Mira Talvon", added: "Davi Maresh"}
    page = written(finished, "--names").read_text(encoding="utf-8")
    assert "Mira Talvon" in page
    assert "Davi Maresh" in page


def test_a_table_that_cant_be_read_is_told(finished: Workspace) -> None:
    (finished.root / "requests.csv").write_bytes(b"request_id,name,image\nr-1,\xd0\xcf,a.png\n")
    done = CliRunner().invoke(main, ["site", "--names", "--workspace", str(finished.root)])
    assert (done.exit_code, "E-CSV-002" in done.output) == (2, True)
