"""What one module imports, read from its source: nothing is run."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import resolve_name
from typing import Any, TypeGuard

Import = tuple[str, str]
"""A module, and the name that is taken out of it; ``*`` for the module as a whole."""

_DECLARATIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)
_COMPUTED = re.compile(rb"import_module|iter_modules|__import__")
_CAN_IMPORT = re.compile(rb"import|iter_modules")
_NEXT_STATEMENT = re.compile(rb"^[^\s)#]", re.MULTILINE)


@dataclass(frozen=True)
class Imports:
    """What a module imports.

    Attributes:
        taken: Every import that runs, also those inside functions; none that is for type checkers only.
        names: Where a name of the module comes from, so that a package's re-exports can be looked up. With a
            ``__getattr__``, which loads names when they are used, those for type checkers are among them.
        listed: Packages whose modules are loaded by computed names: a registry's.
        acts: Whether importing it does more than declare: a call, a loop, an assignment to something else's.
    """

    taken: tuple[Import, ...]
    names: dict[str, Import]
    listed: tuple[Import, ...]
    acts: bool


@lru_cache(maxsize=2048)
def read_imports(source: bytes, module: str, *, is_package: bool = False) -> Imports:
    """Return what a module imports.

    Args:
        source: Its text.
        module: Its dotted name.
        is_package: Whether it is a package's ``__init__``; only for those `Imports.acts` and all of
            `Imports.names` are told.

    Raises:
        SyntaxError: It is no Python.
        ValueError: It loads modules by names that can't be told from the source.
    """
    package = module if is_package else module.rpartition(".")[0]
    tree = _parse(source, whole=is_package)
    typing = [node for node in tree.body if _is_for_types(node)]
    lazy = any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body)
    declared = [*tree.body, *(node for block in typing for node in block.body if lazy)]
    names = {alias: target for node in declared for alias, target in _bindings(node, package)}
    return Imports(
        taken=tuple(_imports(tree, package)),
        names=names,
        listed=tuple(_listed(tree, module, names)) if _COMPUTED.search(source) else (),
        acts=not all(_declares(node) for node in tree.body),
    )


def _parse(source: bytes, *, whole: bool) -> ast.Module:
    """Return the syntax tree, but for whole ones up to the last line that can import: much less to read."""
    if not whole:
        after = max((match.end() for match in _CAN_IMPORT.finditer(source)), default=0)
        end = _NEXT_STATEMENT.search(source, after)
        with suppress(SyntaxError):  # cut inside a text or a `try`: read as a whole
            return ast.parse(source[: end.start()] if end else source)
    return ast.parse(source)


def _imports(tree: ast.Module, package: str) -> Iterator[Import]:
    """Yield the imports of all blocks; only statements are walked, since no expression imports."""
    waiting: list[Any] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (target for _, target in _bindings(node, package))
        elif _is_for_types(node):
            waiting += node.orelse
        else:
            for block in ("body", "orelse", "handlers", "finalbody", "cases"):
                waiting += getattr(node, block, ())


def _bindings(node: ast.AST, package: str) -> Iterator[tuple[str, Import]]:
    """Yield the names that an import statement binds, each with where it comes from."""
    if isinstance(node, ast.Import):
        yield from ((alias.asname or alias.name, (alias.name, "*")) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        origin = resolve_name("." * node.level + (node.module or ""), package)
        yield from ((alias.asname or alias.name, (origin, alias.name)) for alias in node.names)


def _listed(tree: ast.Module, module: str, names: dict[str, Import]) -> Iterator[Import]:
    """Yield the packages of which a module may load any."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__getattr__":
            continue  # what it loads is declared for type checkers
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and (target := _loaded(node)) is not None:
                if isinstance(target, str):
                    yield target, "*"
                elif isinstance(target, ast.Name) and target.id in names:
                    yield names[target.id]
                else:
                    what = f"{module} loads modules whose names can't be told from line {node.lineno}"
                    raise ValueError(f"{what}: name the package as `package.__name__` or `package.__path__`")


def _loaded(call: ast.Call) -> ast.expr | str | None:
    """Return what a call loads: a module's name or an imported package; None for any other call."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if function not in ("import_module", "iter_modules", "__import__"):
        return None
    argument: ast.expr = call.args[0] if call.args else call
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.FormattedValue):
        argument = argument.values[0].value
    is_of_package = isinstance(argument, ast.Attribute) and argument.attr in ("__name__", "__path__")
    return argument.value if is_of_package else argument  # type: ignore[attr-defined]


def _is_for_types(node: ast.AST) -> TypeGuard[ast.If]:
    test = node.test if isinstance(node, ast.If) else None
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _declares(node: ast.stmt) -> bool:
    """Return whether a statement only gives names, is a text, or is for type checkers."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, _DECLARATIONS) or _is_for_types(node)
