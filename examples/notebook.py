"""Write `examples/forget.ipynb`, executed: `python -m examples.notebook`.

Its cells are the first example of docs/reference/python.md, so that there is one text. They run in this
process, one after the other: what a cell prints, and its last expression's value, become its outputs.
"""

import ast
import base64
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "python.md"
NOTEBOOK = ROOT / "examples" / "forget.ipynb"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PARTS = {
    "# Forget one concept\n\nThe embedded model, a name, a picture. By `python -m examples.notebook`.": 4,
    "Ask, forget, and ask again.": 3,
    "What was forgotten, and what did it cost? Two metrics, before and after: the share of unseen pictures "
    "that aren't named any more, and of others, never trained on, that still are.": 3,
    "Can it be brought back? What each attack of the quick profile brings back beyond its control, as an "
    "answer or as a trace that no answer shows.": 1,
    "The one picture.": 1,
}
"""What stands above a cell, and how many statements of the example the cell has."""


def blocks() -> list[str]:
    """Return the page's Python examples."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def sources() -> Iterator[tuple[str, str]]:
    """Yield a text and the code below it, for each cell of code."""
    text = blocks()[0]
    lines, statements = text.splitlines(), ast.parse(text).body
    for heading, count in PARTS.items():
        chosen, statements = statements[:count], statements[count:]
        yield heading, "\n".join(lines[chosen[0].lineno - 1 : chosen[-1].end_lineno])
    assert not statements, "PARTS leaves statements of the example out"


def execute(source: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a cell and return its outputs in the notebook's form (nbformat 4)."""
    body, printed, value = ast.parse(source).body, StringIO(), None
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    with redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)})
    if value is not None:
        outputs.append({"data": _shown(value), "metadata": {}, "output_type": "display_data"})
    return outputs


def _shown(value: Any) -> dict[str, Any]:
    picture = getattr(value, "_repr_png_", lambda: None)()
    if picture is None:
        return {"text/plain": [repr(value)]}
    return {"image/png": base64.b64encode(picture).decode(), "text/plain": [f"<picture {value.size}>"]}


def notebook() -> dict[str, Any]:
    """Return the executed notebook."""
    cells: list[dict[str, Any]] = []
    names: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place, chdir(place):
        for number, (text, source) in enumerate(sources(), start=1):
            cells.append({"cell_type": "markdown", "id": _id(text), "metadata": {}, "source": _lines(text)})
            outputs = execute(source, names)
            code = {"execution_count": number, "outputs": outputs, "source": _lines(source)}
            cells.append({"cell_type": "code", "id": _id(source), "metadata": {}, **code})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    NOTEBOOK.write_text(json.dumps(notebook(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
