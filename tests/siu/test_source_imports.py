from pathlib import Path

import pytest

from siu.source_imports import read_imports
from tasks.runtime.code import LEAVES

ROOT = Path(__file__).parents[2]


def taken(*lines: str) -> set[tuple[str, str]]:
    return set(read_imports("\n".join(lines).encode(), "siu.a.b").taken)


def test_imports_of_every_form_are_taken() -> None:
    assert taken("import siu.c") == {("siu.c", "*")}
    assert taken("from siu.c import (", "    d,", "    e as f,", ")") == {("siu.c", "d"), ("siu.c", "e")}
    assert taken("from . import c", "from ..d import e") == {("siu.a", "c"), ("siu.d", "e")}
    assert taken("x = 1; import siu.c") == {("siu.c", "*")}
    inside = ("class A:", "    def b(self):", "        with c:", "            from siu.d import e")
    assert taken(*inside) == {("siu.d", "e")}
    attempts = (
        "try:",
        "    import a",
        "except E:",
        "    import b",
        "else:",
        "    import c",
        "finally:",
        "    import d",
    )
    assert {module for module, _ in taken(*attempts)} == {"a", "b", "c", "d"}
    assert taken("match a:", "    case 1:", "        import b") == {("b", "*")}


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_is_for_type_checkers_alone_is_not_taken(test: str) -> None:
    assert taken(f"if {test}:", "    import a", "else:", "    import b") == {("b", "*")}


def test_a_text_about_imports_imports_nothing() -> None:
    assert taken('"""Text.', "", "import a", '"""', "import b", "", 'C = """', "import d", '"""') == {
        ("b", "*")
    }


def test_names_that_are_loaded_on_use_are_known_by_their_types() -> None:
    lines = (
        "if TYPE_CHECKING:",
        "    from siu.a.c import D",
        "def __getattr__(name): return import_module(name)",
    )
    read = read_imports("\n".join(lines).encode(), "siu.a", is_package=True)
    assert read.names == {"D": ("siu.a.c", "D")}
    assert not read.taken


def test_a_registry_loads_its_package() -> None:
    start = b"from importlib import import_module\nfrom siu.a import methods\n"
    for call in (b"import_module(f'{methods.__name__}.{x}')", b"pkgutil.iter_modules(methods.__path__)"):
        assert read_imports(start + call, "siu.a.registry").listed == (("siu.a", "methods"),)
    assert read_imports(start + b"import_module('siu.c')", "siu.a.registry").listed == (("siu.c", "*"),)


@pytest.mark.parametrize(
    "call", ["import_module(name)", "__import__(name)", "importlib.import_module('a' + b)"]
)
def test_a_name_that_the_source_does_not_tell_is_an_error(call: str) -> None:
    with pytest.raises(ValueError, match=r"siu\.a loads modules whose names can't be told from line 2"):
        read_imports(f"def f(name):\n    return {call}".encode(), "siu.a")


def test_a_package_that_does_more_than_declare_acts() -> None:
    declares = '"""Text."""\nimport a\nB = 1\ndef c(): d()\nif TYPE_CHECKING:\n    import e\n'
    assert not read_imports(declares.encode(), "p", is_package=True).acts
    assert read_imports(f"{declares}a.register()\n".encode(), "p", is_package=True).acts


def test_reading_up_to_the_last_import_misses_none() -> None:
    for path in (*(ROOT / "siu").rglob("*.py"), *(ROOT / "tasks").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if path.name != "__init__.py" and module not in LEAVES:
            cut = read_imports(path.read_bytes(), module)
            whole = read_imports(
                path.read_bytes(), f"{module}.x", is_package=True
            )  # the same, read to the end
            assert set(cut.taken) == set(whole.taken), module
