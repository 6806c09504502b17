"""The packages of siu/ lie in layers: each imports only those before it, so there is no circle."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "siu"
LAYERS = (
    "errors",
    "cores",
    "packaged",
    "problems",
    "statistics",
    "registry",  # finds things of all layers by name, and imports none
    "language",
    "config",
    "storage",
    "source_imports",
    "sources",
    "audit",
    "data",
    "client",
    "substitutes",
    "objectives",
    "models",
    "finetuning_data",
    "unlearning",
    "mmubench",
    "attacks",
    "strategies",
    "gold",
    "worlds",
    "verdict",
    "evaluation",
    "report",
    "comparison",
    "selfcheck",
    "api",
)
"""From the lowest to the highest; a module of `siu` itself is a layer as a package is."""
KNOWN_EXCEPTIONS: dict[tuple[str, str], str] = {}
"""Arrows that point upward, each with the reason why it does."""


def arrows() -> Iterator[tuple[str, str, str]]:
    """Yield who imports whom among the packages, and where; imports inside functions count too."""
    for path in sorted(ROOT.rglob("*.py")):
        own = path.relative_to(ROOT).with_suffix("").parts[0]
        for line, target in imports(ast.parse(path.read_text(encoding="utf-8"))):
            if target != own:
                yield own, target, f"{path.relative_to(ROOT.parent)}:{line}"


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and package of each import of siu that runs; none that is for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "siu":
            modules = [f"siu.{alias.name}" for alias in node.names]
        else:
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            if module.startswith("siu."):
                yield node.lineno, module.split(".")[1]
        yield from imports(node)


def test_imports_inside_functions_are_seen_and_those_for_type_checkers_are_not() -> None:
    lines = (
        "from siu.a.b import c",
        "from siu import d",
        "if TYPE_CHECKING:",
        "    from siu.e import f",
        "def g():",
        "    import siu.h",
    )
    assert [package for _, package in imports(ast.parse("\n".join(lines)))] == ["a", "d", "h"]


def test_every_package_is_in_a_layer() -> None:
    there = {path.relative_to(ROOT).with_suffix("").parts[0] for path in ROOT.rglob("*.py")}
    assert there - {"__init__"} == set(LAYERS)


def test_no_arrow_points_upward() -> None:
    wrong = [
        f"{place}: {own} imports {target}"
        for own, target, place in arrows()
        if own != "__init__"
        and LAYERS.index(target) > LAYERS.index(own)
        and (own, target) not in KNOWN_EXCEPTIONS
    ]
    assert not wrong


def test_a_known_exception_is_still_there() -> None:
    assert KNOWN_EXCEPTIONS.keys() <= {(own, target) for own, target, _ in arrows()}
