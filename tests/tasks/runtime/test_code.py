"""No change of the code leaves an output in place that it would make differently."""

import random
import shutil
import sys
import tomllib
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

import pytest

from siu.registry import ATTACKS, METRICS, OBJECTIVES
from siu.source_imports import read_imports
from siu.sources import DATA, LIBRARIES
from tasks.runtime.code import COVERED, LEAVES, OUTSIDE, WORK, code_digests, code_of, source_tree
from tasks.stage import Stage

ROOT = Path(__file__).parents[3]
STAGES = tuple(work for work in WORK if work.startswith("tasks."))
SAMPLE = 15
DECIDES_NOTHING = {
    "accelerate": "lays weights out in memory",
    "filelock": "who may write",
    "huggingface_hub": "gets files; their digest is an input",
    "jinja2": "puts values into pages",
    "markupsafe": "puts values into pages",
    "matplotlib": "draws what was measured",
    "openai": "asks a judge, whose name and revision are inputs",
    "pandas": "holds values",
    "psutil": "tells how much memory is free",
    "pyarrow": "holds values",
    "pydantic": "checks values",
    "ruamel": "reads values",
    "safetensors": "holds values",
}
DISTRIBUTIONS = {
    "PIL": "pillow",
    "pillow_heif": "pillow-heif",
    "pydantic_core": "pydantic",
    "resvg_py": "resvg-py",
    "spellchecker": "pyspellchecker",
}
ACT = {
    "siu.audit.__main__": "a program",
    "siu.mmubench.metric_table": "a program",
    "siu.worlds.drawn.build": "a program",
    "siu.worlds.logos.assemble": "a program",
    "siu.worlds.logos.gold": "a program",
    "siu.worlds.logos.ship": "a program",
    "siu.worlds.logos.train": "a program",
    "siu.attacks.tables": "a program",
    "siu.strategies.tables": "a program",
    "siu.storage.fault_points": "arms what a test's environment names; unarmed it does nothing",
    "tasks.versioning.commit_process": "a program",
    "siu.models.engine.prefix_attention": "tells transformers of an attention that only its importers name",
    "siu.config.fields": "a recursive type",
}


def modules() -> dict[str, Path]:
    files = (path for package in ("siu", "tasks") for path in (ROOT / package).rglob("*.py"))
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
    }


_SAMPLED = random.Random(7).sample(sorted(modules()), SAMPLE)
EDITED = sorted({*WORK, "siu.data.collection", "tasks.job", *_SAMPLED})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for package in ("siu", "tasks"):
        ignored = shutil.ignore_patterns("__pycache__", "*.safetensors")
        shutil.copytree(ROOT / package, root / package, ignore=ignored)
    return root


def changed_by_editing(copy: Path, name: str) -> set[str]:
    """Return the works whose digest is another one while a file of the copy has a line more."""
    path = copy / name
    text = path.read_text()
    path.write_text(f"{text}\n# edited\n")
    try:
        tree = source_tree(copy)
        return {work for work in WORK if tree.digest(work) != code_digests()[work]}
    finally:
        path.write_text(text)


@pytest.fixture(scope="module")
def closures() -> dict[str, frozenset[str]]:
    tree = source_tree(ROOT)
    return {work: tree.closure(work) for work in WORK}


@pytest.mark.parametrize("module", EDITED)
def test_editing_a_module_makes_stale_the_works_that_can_import_it_and_no_other(
    copy: Path, closures: dict[str, frozenset[str]], module: str
) -> None:
    users = {work for work, closure in closures.items() if module in closure}
    assert changed_by_editing(copy, modules()[module].relative_to(ROOT).as_posix()) == users


@pytest.mark.parametrize(
    "name", ["siu/language/phrasings.yaml", "siu/attacks/prompts.yaml", "siu/report/report.html.jinja"]
)
def test_editing_data_makes_stale_the_works_beside_it(copy: Path, name: str) -> None:
    tree = source_tree(ROOT)
    users = {work for work in WORK if any(name in tree.files(module) for module in tree.closure(work))}
    assert changed_by_editing(copy, name) == users != set()


def test_what_a_stage_runs_is_in_its_closure(closures: dict[str, frozenset[str]]) -> None:
    for stage in STAGES:
        assert {stage, "siu.data.collection", "siu.data.intake.names", "tasks.job"} <= closures[stage]
    assert {"siu.attacks.methods.hints", "siu.attacks.suite"} <= closures["tasks.attack"]
    assert {"siu.objectives.methods.siu", "siu.unlearning.loop"} <= closures["tasks.unlearn"]
    assert {"siu.mmubench.metrics.efficacy", "siu.gold.distance"} <= closures["tasks.evaluate"]
    for work, registry in (("unlearn", OBJECTIVES), ("attack", ATTACKS), ("evaluate", METRICS)):
        own = {f"{registry.package}.{name}" for name in registry.own_names()}
        assert own <= closures[f"tasks.{work}"], work


def test_no_stage_is_made_stale_by_what_comes_after_it(closures: dict[str, frozenset[str]]) -> None:
    def of(package: str, work: str) -> list[str]:
        return [module for module in closures[work] if f"{module}.".startswith(f"{package}.")]

    for later in ("report", "attacks", "comparison", "selfcheck", "mmubench"):
        assert not of(f"siu.{later}", "tasks.unlearn")
    for work in ("tasks.construct", "tasks.answers", "tasks.findings"):
        assert not of("siu.unlearning", work)
    assert not of("siu.mmubench.scorecard", "tasks.answers")


def test_every_stage_is_among_the_works() -> None:
    stages = [
        value
        for module in modules()
        if module.startswith("tasks.")
        for value in vars(import_module(module)).values()
        if isinstance(value, Stage)
    ]
    assert {stage.inputs.__module__ for stage in stages} <= set(WORK)
    assert len({stage.name for stage in stages}) > 6


def test_exceptions_are_of_modules_that_there_are() -> None:
    assert {*OUTSIDE, *LEAVES, *COVERED} <= modules().keys()


def test_what_acts_when_it_is_imported_is_known() -> None:
    """A re-export brings modules that nobody uses: they count nowhere, so importing them must do nothing."""
    acting = {
        module
        for module, path in modules().items()
        if module != "siu.registry"  # what it loads is told by `REGISTRIES`
        and read_imports(path.read_bytes(), f"{module}.x", is_package=True).acts
    }
    assert acting == ACT.keys()


def test_every_library_that_a_work_imports_is_in_the_digest_or_decides_nothing(
    closures: dict[str, frozenset[str]],
) -> None:
    files = modules()
    counted = frozenset().union(*closures.values()) - set(LEAVES)
    tops = {
        target.split(".")[0]
        for module in counted
        for target, _ in read_imports(
            files[module].read_bytes(), module, is_package=files[module].name == "__init__.py"
        ).taken
    }
    libraries = tops - sys.stdlib_module_names - {"siu", "tasks"}
    unknown = {DISTRIBUTIONS.get(name, name) for name in libraries} - set(LIBRARIES) - DECIDES_NOTHING.keys()
    assert not unknown


def test_every_kind_of_packaged_data_counts_or_is_known_not_to() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["siu"]
    decides_nothing = ("*.md", "py.typed", "*.safetensors")
    names = [pattern.removeprefix("**/") for pattern in patterns]
    assert not [name for name in names if name[1:] not in DATA and name not in decides_nothing]
    shipped = [
        path.name
        for path in (ROOT / "siu").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert not [name for name in shipped if not any(fnmatch(name, pattern) for pattern in names)]


def test_the_digest_of_a_work_is_of_its_closure_and_the_libraries() -> None:
    assert code_of("tasks.construct").keys() == {"tasks.construct", "libraries"}
    assert code_of("tasks.construct")["libraries"] == code_digests()["libraries"]
