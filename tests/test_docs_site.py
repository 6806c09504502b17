"""The docs as a site: a page that nobody can reach and a broken link fail."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("mkdocs") is None, reason="mkdocs is not installed (make docs does it)"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("mkdocs.yml", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


def built(root: Path) -> str:
    """What the strict build complains of."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_site_is_built_and_loads_nothing_from_elsewhere(copy: Path) -> None:
    assert built(copy) == ""
    page = (copy / "site" / "index.html").read_text(encoding="utf-8")
    assert 'src="https' not in page
    assert 'rel="stylesheet" href="http' not in page
    assert 'aria-labelledby="__nav_' not in page, "an icon names no section"
    assert (copy / "site" / "contributing.html").is_file()
    assert (copy / "site" / "decisions" / "0001-skip-by-import-closure.html").is_file()


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("docs/glossary.md", "[gone](gone.md)"),
        ("docs/glossary.md", "[no part](index.md#another)"),
        ("docs/how-to/lost.md", "# In no navigation"),
    ],
)
def test_a_broken_link_and_a_lost_page_fail(copy: Path, page: str, text: str) -> None:
    with (copy / page).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    assert built(copy)
