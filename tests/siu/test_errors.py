import pickle
import re
from collections import Counter
from pathlib import Path

import pytest

from siu.errors import ConceptError, InputError, ModelError, PreflightError, SiuError, StateError
from siu.problems import Problems

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", [SiuError, InputError, ModelError, ConceptError, StateError])
def test_errors_survive_pickling(kind: type[SiuError]) -> None:
    error = pickle.loads(pickle.dumps(kind("E-X-001", "it is wrong", "Mend it", "a.csv:3")))
    assert type(error) is kind
    assert str(error) == "E-X-001 a.csv:3: it is wrong. Mend it."


def test_a_preflight_error_survives_pickling_with_its_problems() -> None:
    problems = (InputError("E-X-001", "one", "Mend it"), StateError("E-X-002", "two", "Mend it"))
    error = pickle.loads(pickle.dumps(PreflightError(problems)))
    assert str(error) == "E-X-001 one. Mend it.\nE-X-002 two. Mend it."
    assert [type(problem) for problem in error.problems] == [InputError, StateError]


def test_problems_are_gathered_in_order_and_raised_together() -> None:
    problems = Problems()
    problems.raise_if_any()
    one, two, three = (InputError(f"E-X-00{number}", "wrong", "Mend it") for number in (1, 2, 3))
    with problems.noted():
        raise one
    with problems.noted():
        raise PreflightError((two, three))
    assert len(problems) == 3
    with pytest.raises(PreflightError) as caught:
        problems.raise_if_any()
    assert caught.value.problems == (one, two, three)


def test_other_exceptions_are_not_gathered() -> None:
    problems = Problems()
    with pytest.raises(KeyError), problems.noted():
        raise KeyError("x")
    assert len(problems) == 0


def test_every_code_is_documented() -> None:
    used = {
        code
        for layer in ("siu", "tasks", "flows")
        for path in (ROOT / layer).rglob("*.py")
        for code in re.findall(r'"(E-[A-Z]+-\d{3})"', path.read_text(encoding="utf-8"))
    }
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"E-[A-Z]+-\d{3}", page))
    assert used
    assert not used - documented


def test_every_code_has_one_row() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (E-[A-Z]+-\d{3}) \|", page, re.MULTILINE)
    assert len(rows) > 200
    assert [code for code, count in Counter(rows).items() if count > 1] == []


def test_a_request_that_is_asked_for_otherwise_is_no_picture_of_somebody_else() -> None:
    """Two faults of a request, which had one code: a program tells them apart by it."""
    codes = {
        path.stem: set(re.findall(r'"(E-REQ-\d{3})"', path.read_text(encoding="utf-8")))
        for path in (ROOT / "tasks" / "settle.py", ROOT / "tasks" / "table_request.py")
    }
    assert codes["settle"] == {"E-REQ-030"}
    assert "E-REQ-011" in codes["table_request"]
