import re
import tomllib

import pytest

from requirements.lock import (
    ALONE,
    CONSTRAINTS,
    CUDA,
    EXTRAS,
    FOLDER,
    ROOT,
    beside,
    blocks,
    constraints,
    split,
)

PARTS = ("setup", "torch", "run", "dev")


def locked(part: str) -> dict[str, str]:
    return blocks((FOLDER / f"{part}.txt").read_text(encoding="utf-8"))


def needed(*parts: str) -> set[str]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        line
        for part in parts
        for line in ({"core": table["dependencies"]} | table["optional-dependencies"])[part]
    ]
    names = {re.split(r"[<>=\[ ]", line)[0].lower() for line in lines}
    return {re.sub(r"[._]", "-", name) for name in names} - {"siu"}


def test_what_is_needed_is_locked_where_it_is_installed_from() -> None:
    assert needed("core", "pipeline") == needed("core", "pipeline") & {*locked("run"), *locked("torch")}
    assert needed("dev", "judge") <= {*locked("run"), *locked("dev")}
    assert not {"bandit", "mypy", "pip-audit", "pytest", "ruff"} & locked("run").keys(), "no tool to run"
    assert locked("setup").keys() == {"uv", "setuptools"}


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_has_a_file_with_what_the_run_has_not(extra: str) -> None:
    run = {**locked("run"), **locked("torch")}
    assert needed(extra) <= {*locked(extra), *run}
    assert not locked(extra).keys() & {*run, *locked("setup")}
    assert set(constraints(locked(extra)).splitlines()) <= set(CONSTRAINTS.read_text().splitlines())


def test_what_is_installed_without_its_dependencies_is_locked_with_its_extra() -> None:
    assert {extra for extra, pin in ALONE.items() if f"{pin} " in "".join(locked(extra).values())} == {*ALONE}
    assert beside({"a": "a"}, {"a": "a", "b": "b"}) == {"b": "b"}


@pytest.mark.parametrize("part", [*PARTS, *EXTRAS])
def test_every_file_of_a_locked_package_has_a_digest(part: str) -> None:
    for name, block in locked(part).items():
        assert re.fullmatch(r"(\S+==[^\n]+(\n +--hash=sha256:[0-9a-f]{64}( \\)?)+\n?)+", block), name


def test_torch_and_what_it_brings_are_apart() -> None:
    assert [name for name in locked("torch") if not CUDA.fullmatch(name)] == []
    assert not [
        name for part in ("run", "dev", "setup", *EXTRAS) for name in locked(part) if CUDA.fullmatch(name)
    ]


def test_no_package_is_locked_twice_and_the_constraints_say_the_same() -> None:
    parts = [locked(part) for part in PARTS]
    everything = {name: block for part in parts for name, block in part.items()}
    assert len(everything) == sum(len(part) for part in parts)
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    assert set(constraints(everything).splitlines()) <= set(lines)


def test_the_lock_names_no_place() -> None:
    for file in (CONSTRAINTS, *FOLDER.glob("*.txt")):
        assert not re.search(r"://|^-|@ |\.(com|org|io)\b", file.read_text(encoding="utf-8"), re.MULTILINE), (
            file
        )


def test_a_package_with_a_version_per_platform_keeps_both() -> None:
    older = "a==1 ; python_version < '3.12' \\\n    --hash=sha256:x\n"
    text = f"{older}a==2 ; python_version >= '3.12' \\\n    --hash=sha256:y\n"
    assert list(blocks(text)) == ["a"]
    assert constraints(blocks(text)).splitlines()[1:] == [
        "a==1 ; python_version < '3.12'",
        "a==2 ; python_version >= '3.12'",
    ]


def test_a_package_is_in_the_first_file_that_it_belongs_to() -> None:
    dev = {name: name for name in ("a", "b", "uv", "torch", "nvidia-x")}
    parts = split({"a": "a", "torch": "torch"}, dev)
    assert {part: list(content) for part, content in parts.items()} == {
        "setup": ["uv"],
        "torch": ["torch", "nvidia-x"],
        "run": ["a"],
        "dev": ["b"],
    }
