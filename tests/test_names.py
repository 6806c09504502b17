"""Names are nouns of the field: hardly any binding is a pronoun or a bare participle."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("siu", "tasks", "flows", "benchmarks")
EMPTY = frozenset(
    {
        *("one", "ones", "other", "others", "own", "rest", "thing", "things", "tmp"),
        *("it", "its", "this", "that", "these", "those", "them", "they", "theirs", "ours", "mine"),
        *("all_of", "everything", "nothing", "something"),
        *("asked", "found", "given", "kept", "said", "told", "wanted"),
    }
)
"""Names that say nothing of what they hold; leading and trailing underscores and capitals don't help them."""
LIMIT = 0.005
"""Of all bindings. Fields of results that were published under such names (``said``, ``kept``) count too."""


def bindings(tree: ast.AST) -> Iterator[str]:
    """Yield every name that is bound: variables, parameters, functions, classes, fields, imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def is_empty(name: str) -> bool:
    return name.strip("_").lower() in EMPTY


def test_every_kind_of_binding_is_seen() -> None:
    lines = (
        "import a as one",
        "def told(found, *asked, **own): rest = [it for it in found]",
        "class Wanted: kept: int",
        "try: pass",
        "except E as other: pass",
        "for this, _that in rows: pass",
        "match x:",
        "    case [*others]: pass",
    )
    names = sorted(name for name in bindings(ast.parse("\n".join(lines))) if is_empty(name))
    assert names == sorted(
        [
            "one",
            "told",
            "found",
            "asked",
            "own",
            "rest",
            "it",
            "Wanted",
            "kept",
            "other",
            "this",
            "_that",
            "others",
        ]
    )


def test_hardly_any_name_is_a_pronoun() -> None:
    total, by_file = 0, Counter[str]()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            names = list(bindings(ast.parse(path.read_text(encoding="utf-8"))))
            total += len(names)
            by_file[str(path.relative_to(ROOT))] = sum(map(is_empty, names))
    worst, most = by_file.most_common(1)[0]
    share = by_file.total() / total
    assert share <= LIMIT, (
        f"{by_file.total()} of {total} bindings ({share:.2%}) say nothing, {most} of them in {worst}: "
        "name them after what they hold"
    )
