import shutil
from pathlib import Path

import pytest

from siu import sources
from siu.sources import LIBRARIES, SourceTree, library_versions

FILES = {
    "siu/__init__.py": "",
    "siu/work.py": "from siu.shop import sell\n",
    "siu/shop/__init__.py": "from siu.shop.buying import buy\nfrom siu.shop.selling import sell\n",
    "siu/shop/buying.py": "import siu.far\n",
    "siu/shop/selling.py": "def sell():\n    from siu.stock.registry import load\n    import runner\n",
    "siu/shop/prices.yaml": "a: 1",
    "siu/shop/lists/more.json": "{}",
    "siu/stock/registry.py": "from siu.stock import kinds\nimport_module(f'{kinds.__name__}.x')\n",
    "siu/stock/kinds/__init__.py": "",
    "siu/stock/kinds/bread.py": "from siu.checks import check\n",
    "siu/checks.py": "import siu.far\n",
    "siu/far.py": "",
    "siu/weights/__init__.py": "",
    "siu/weights/base/config.json": "{}",
    "runner/__init__.py": "import siu.far\n",
}
CLOSURE = {
    "siu",
    "siu.work",
    "siu.shop",
    "siu.shop.selling",
    "siu.stock.registry",
    "siu.stock.kinds",
    "siu.stock.kinds.bread",
    "siu.checks",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Packages of some modules."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def tree(root: Path) -> SourceTree:
    return SourceTree(
        root, ("siu", "runner"), outside=("runner",), leaves=("siu.checks",), covered=("siu.weights",)
    )


def test_a_closure_is_what_the_work_can_import(root: Path) -> None:
    assert tree(root).closure("siu.work") == CLOSURE


def test_a_registry_by_name_brings_its_package(root: Path) -> None:
    (root / "siu/stock/registry.py").write_text("from siu.registry import BREAD\n")
    named = SourceTree(root, ("siu",), registries={"siu.stock.registry": "siu.stock.kinds"})
    assert {"siu.stock.kinds", "siu.stock.kinds.bread"} <= named.closure("siu.work")
    assert "siu.stock.kinds.bread" not in SourceTree(root, ("siu",)).closure("siu.work")


def test_a_package_that_acts_brings_all_that_it_imports(root: Path) -> None:
    with (root / "siu/shop/__init__.py").open("a") as file:
        file.write("buy()\n")
    (root / "siu/work.py").write_text("from siu.shop.selling import sell\n")
    assert tree(root).closure("siu.work") == CLOSURE | {"siu.shop.buying", "siu.far"}


def test_the_digest_is_of_the_closure_and_the_data_beside_it(root: Path) -> None:
    before = tree(root).digest("siu.work")
    for name, text in FILES.items():
        (root / name).write_text(f"{text} ")
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        counts = module in CLOSURE or (name.startswith("siu/shop/") and not name.endswith(".py"))
        assert (tree(root).digest("siu.work") != before) == counts, name
        (root / name).write_text(text)
    (root / "siu/shop/notes.md").write_text("x")
    (root / "siu/shop/x.pyc").write_text("x")
    assert tree(root).digest("siu.work") == before


def test_a_new_module_counts_where_a_registry_lists_it(root: Path) -> None:
    before = tree(root).digest("siu.work")
    (root / "siu/new.py").touch()
    assert tree(root).digest("siu.work") == before
    (root / "siu/stock/kinds/cake.py").touch()
    assert tree(root).digest("siu.work") != before


def test_the_place_does_not_matter(root: Path) -> None:
    elsewhere = root.with_name(f"{root.name}-elsewhere")
    shutil.copytree(root, elsewhere)
    assert tree(root).digest("siu.work") == tree(elsewhere).digest("siu.work")


def test_an_unknown_module_is_an_error(root: Path) -> None:
    with pytest.raises(ValueError, match=r"no module 'siu\.nothing'"):
        tree(root).digest("siu.nothing")


def test_versions_of_all_libraries_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = library_versions()
    assert tuple(versions) == LIBRARIES
    assert versions["pillow"][0].isdigit()
    monkeypatch.setattr(sources, "LIBRARIES", ("no-such-library",))
    assert library_versions() == {"no-such-library": "absent"}
