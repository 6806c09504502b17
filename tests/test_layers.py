"""The layers point one way: flows -> tasks -> siu; files are small and named for what they hold."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("siu", "tasks", "flows")
FORBIDDEN = {
    "siu": {"prefect", "mlflow", "dvc", "tasks", "flows"},
    "tasks": {"flows"},
    "flows": set(),
}
MAX_LINES = 300
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
HEAVY = {"torch", "transformers", "peft", "pandas", "mlflow", "prefect", "dvc", "sklearn"}
LIGHT_MODULES = (
    "flows.cli.status",
    "flows.cli.tables",
    "siu.audit.command",
    "siu.audit.ledger",
    "siu.data.intake.collection_import",
    "siu.config.file",
    "siu.data.intake.requests",
    "siu.sources",
    "siu.storage.store",
    "siu.storage.workspace",
)


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and top-level package of every import, also of those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (
                (node.lineno, argument.value.split(".")[0])
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )


def test_imports_of_every_form_are_seen() -> None:
    lines = (
        "import a.b",
        "from c.d import e",
        "def f():",
        "    import g",
        "import_module('h.i')",
        "from . import j",
    )
    code = "\n".join(lines)
    assert sorted(name for _, name in imported(ast.parse(code))) == ["a", "c", "g", "h"]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources(package)
        for line, name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name in FORBIDDEN[package]
    ]
    assert not wrong


def test_flows_do_not_know_the_commands_that_start_them() -> None:
    commands = ROOT / "flows" / "cli"
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources("flows")
        if commands not in path.parents and "from flows.cli" in path.read_text(encoding="utf-8")
    ]
    assert not wrong


DISTRIBUTIONS = {
    "PIL": "pillow",
    "pydantic_core": "pydantic",
    "pillow_heif": "pillow-heif",
    "resvg_py": "resvg-py",
    "ruamel": "ruamel.yaml",
    "spellchecker": "pyspellchecker",
}
"""Of packages that are imported by another name than they are installed by."""


def project() -> dict[str, set[str]]:
    """Return the names of what the project needs: ``core``, and by extra."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = {"core": table["dependencies"], **table["optional-dependencies"]}
    return {
        part: {re.split(r"[<>=\[ ]", line)[0].lower().replace("_", "-") for line in lines}
        for part, lines in needs.items()
    }


def libraries(package: str) -> dict[str, str]:
    """Return the distributions that a package imports, each with a place."""
    own = {*sys.stdlib_module_names, *PACKAGES, "benchmarks", "requirements", "tests"}
    return {
        DISTRIBUTIONS.get(name, name).lower().replace("_", "-"): f"{path.relative_to(ROOT)}:{line}"
        for path in sources(package)
        for line, name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name not in own
    }


@pytest.mark.parametrize(
    ("package", "parts"),
    [
        ("siu", ("core", "judge", "4bit", "world-logos", "signing")),
        ("tasks", ("core", "pipeline")),
        ("flows", ("core", "pipeline", "dask", "ray")),
    ],
)
def test_a_package_imports_what_its_part_of_the_dependencies_declares(
    package: str, parts: tuple[str, ...]
) -> None:
    declared = set().union(*(project()[part] for part in parts))
    assert not {name: place for name, place in libraries(package).items() if name not in declared}


def test_what_only_an_extra_brings_is_imported_inside_functions() -> None:
    optional = project()["judge"] | project()["4bit"] | project()["world-logos"] | project()["signing"]
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("siu")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for _, name in imported(node)
        if name in optional
    ]
    assert not wrong


def test_no_file_has_an_empty_name() -> None:
    assert not [path for path in sources(*PACKAGES) if EMPTY_NAMES & {path.stem, path.parent.name}]


def test_no_file_is_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(*PACKAGES)
    }
    assert not {name: length for name, length in lengths.items() if length > MAX_LINES}


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_the_data_model_is_imported_without_heavy_libraries(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_who_starts_a_batch_waits_for_no_torch() -> None:
    code = (
        "import sys, flows.orchestration.served;"
        "print(*sorted({'torch', 'transformers', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""
