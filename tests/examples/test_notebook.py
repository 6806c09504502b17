"""The page, the notebook and the code say the same, and the examples run."""

import json
from pathlib import Path

import pytest

from examples.notebook import NOTEBOOK, blocks, execute, notebook, sources
from tests.siu.workspace_files import write_finished

LONGEST = 15
LARGEST = 64 * 1024


def code_cells() -> list[dict[str, object]]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_the_example_has_fifteen_lines() -> None:
    lines = [line for line in blocks()[0].splitlines() if line.strip()]
    assert len(lines) <= LONGEST


def test_the_notebook_is_the_pages_example_executed_and_small() -> None:
    assert ["".join(cell["source"]) for cell in code_cells()] == [source for _, source in sources()]  # type: ignore[arg-type]
    assert all(cell["outputs"] for cell in code_cells()[1:])
    assert NOTEBOOK.stat().st_size < LARGEST


def test_a_cell_gives_what_it_prints_and_its_last_value() -> None:
    printed, value = execute("print('a')\n2 + 3", {})
    assert printed["text"] == ["a\n"]
    assert value["data"] == {"text/plain": ["5"]}
    assert execute("x = 1", {}) == []


def test_the_example_of_a_workspace_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_finished(tmp_path / "my-workspace", "b1")
    monkeypatch.chdir(tmp_path)
    text = "".join(execute(blocks()[1], {})[0]["text"])
    assert "r-1 released partial quick" in text
    assert "0.5\n['hints']\n" in text


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_notebooks_outputs_are_what_the_code_gives() -> None:
    assert notebook() == json.loads(NOTEBOOK.read_text(encoding="utf-8"))
