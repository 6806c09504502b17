import shutil
from pathlib import Path

import pytest

from siu import sources
from siu.sources import LIBRARIES, library_versions, source_digest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in the place of `siu`."""
    root = tmp_path / "siu"
    (root / "a" / "b").mkdir(parents=True)
    for name in ("a/__init__.py", "a/b/x.py", "a/b/words.yaml", "c.py"):
        (root / name).write_text(f"# {name}")
    monkeypatch.setattr(sources, "_ROOT", root)
    return root


def test_only_the_named_parts_count(package: Path) -> None:
    before = {part: source_digest(part) for part in ("a", "a.b", "c")}
    assert len(set(before.values())) == 3
    (package / "c.py").write_text("changed")
    assert source_digest("a") == before["a"]
    assert source_digest("c") != before["c"]


def test_code_and_yaml_count_and_caches_do_not(package: Path) -> None:
    before = source_digest("a")
    (package / "a" / "notes.md").write_text("x")
    (package / "a" / "x.pyc").write_text("x")
    assert source_digest("a") == before
    (package / "a" / "b" / "words.yaml").write_text("changed")
    assert source_digest("a") != before


def test_neither_order_nor_place_matters(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = source_digest("a", "c")
    assert source_digest("c", "siu.a", "a.b") == before
    shutil.copytree(package, tmp_path / "elsewhere")
    monkeypatch.setattr(sources, "_ROOT", tmp_path / "elsewhere")
    assert source_digest("a", "c") == before


@pytest.mark.parametrize("part", ["", "nothing", "a.nothing", "siu", "..", "a/b/x"])
def test_an_unknown_part_is_an_error(package: Path, part: str) -> None:
    with pytest.raises(ValueError, match="no part"):
        source_digest(part)


def test_the_real_parts_are_found() -> None:
    assert source_digest("audit", "store", "params") != source_digest("audit")


def test_versions_of_all_libraries_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = library_versions()
    assert tuple(versions) == LIBRARIES
    assert versions["pillow"][0].isdigit()
    monkeypatch.setattr(sources, "LIBRARIES", ("no-such-library",))
    assert library_versions() == {"no-such-library": "absent"}
