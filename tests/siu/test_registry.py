"""Another package adds an objective, an attack, a metric and a world: installed, they are found by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from siu.registry import ATTACKS, METRICS, OBJECTIVES, STRATEGIES, WORLDS, Registry

ROOT = Path(__file__).parents[2]
EVERY = (OBJECTIVES, ATTACKS, METRICS, STRATEGIES, WORLDS)
METADATA = "Metadata-Version: 2.1\nName: Spare-Parts\nVersion: {version}\n"
ENTRY_POINTS = """\
[siu.objectives]
spare_ce = spare_parts:SpareCe

[siu.attacks]
spare_yes_no = spare_parts:SpareYesNo

[siu.metrics]
spare_length = spare_parts.length

[siu.worlds]
spare = spare_parts:WORLD
"""
PARTS = """\
from pathlib import Path

from siu.attacks.methods.yes_no import YesNo
from siu.objectives.methods.ce import Ce
from siu.worlds.world import World


class SpareCe(Ce):
    "Cross-entropy under another name."


class SpareYesNo(YesNo):
    "Yes/no under another name."


WORLD = World("spares", "spare-model", lambda folder, params: None, lambda params: [], "spare_parts", Path)
"""
LENGTH = """\
from siu.mmubench.ratios import ratio
from siu.mmubench.metric_definition import defined
from siu.mmubench.metrics.share import shares


@defined("Spare", "answers that are long", "↑", order=999, group="language")
@ratio
def spare_length(records):
    "Share of answers of more than ten signs; ↑."
    return shares(records.values(), lambda record: len(record.answer) > 10)
"""
ASK = """\
import json
from siu.config.params import AttackParams, UnlearningParams
from siu.comparison.measures import MEASURES
from siu.mmubench.metric_registry import definitions
from siu.mmubench.metric_table import metric_table
from siu.mmubench.scorecard import scorecard
from siu.models.source import model_folder
from siu.config.params import BaseModelParams
from siu.report.metric_rows import metric_rows
from siu.attacks.registry import chosen_attacks
from siu.objectives.registry import build_objective
from tasks.runtime.code import code_digests
print(json.dumps({
    "objective": type(build_objective(UnlearningParams(objective="spare_ce").objective, {})).__name__,
    "attack": [type(attack).__name__ for attack in chosen_attacks("quick", ("spare_yes_no",), {}).values()],
    "only": AttackParams(only=("spare_yes_no",)).only,
    "scorecard": list(scorecard({}, {}))[-1],
    "measure": "spare_length" in {measure.key for measure in MEASURES},
    "row": metric_rows({}, {})[-1].label,
    "table": metric_table().splitlines()[-1],
    "model": str(model_folder(BaseModelParams(source="spare-model"))),
    "code": code_digests(),
}))
"""


def install(folder: Path, version: str = "1.0", parts: str = PARTS, points: str = ENTRY_POINTS) -> Path:
    """Lay a package and its metadata into a folder, as pip does."""
    for name, text in {
        "spare_parts/__init__.py": parts,
        "spare_parts/length.py": LENGTH,
        "spare_parts.dist-info/METADATA": METADATA.format(version=version),
        "spare_parts.dist-info/entry_points.txt": points,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own: what is installed is read once in each."""
    path = os.pathsep.join(map(str, (ROOT, *folders)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)


def asked(*folders: Path) -> dict[str, object]:
    done = run(ASK, *folders)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_what_another_package_adds_is_found_and_decides_the_plans_of_what_uses_it(tmp_path: Path) -> None:
    first = asked(install(tmp_path))
    assert first["objective"] == "SpareCe"
    assert first["attack"] == ["SpareYesNo"]
    assert first["only"] == ["spare_yes_no"]
    assert first["scorecard"] == "spare_length"
    assert first["measure"] is True
    assert first["row"] == "Spare"
    assert str(first["table"]).startswith("| `spare_length` | Share of answers of more than ten")
    assert first["model"] == "."
    newer = asked(install(tmp_path, "1.1"))
    edited = asked(install(tmp_path, "1.1", f"{PARTS}\n# edited\n"))
    for one, other in ((first, newer), (newer, edited)):
        assert changed(one, other) >= {"tasks.unlearn", "tasks.evaluate", "tasks.attack", "tasks.findings"}
        assert not changed(one, other) & {"tasks.construct", "tasks.answers", "libraries"}


def changed(one: dict[str, object], other: dict[str, object]) -> set[str]:
    before, after = dict(one["code"]), dict(other["code"])  # type: ignore[call-overload]
    return {work for work in before if before[work] != after[work]}


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ("[siu.objectives]\nnpo = spare_parts:SpareCe\n", "E-PLG-001"),
        ("[siu.objectives]\nnpo2 = spare_parts:Missing\n", "E-PLG-002"),
        ("[siu.objectives]\nnpo2 = missing_parts\n", "E-PLG-002"),
    ],
)
def test_what_cannot_be_used_says_so(tmp_path: Path, points: str, code: str) -> None:
    name = points.split("\n")[1].split()[0]
    asking = f"from siu.registry import OBJECTIVES as all; all.names(); all.load({name!r})"
    done = run(asking, install(tmp_path, points=points))
    assert f"siu.errors.InputError: {code} siu.objectives: Spare-Parts 1.0: " in done.stderr


def test_one_broken_package_leaves_the_others_names(tmp_path: Path) -> None:
    points = "[siu.objectives]\nnpo2 = missing_parts\n"
    asking = "from siu.registry import OBJECTIVES as all; all.load('npo')"
    done = run(asking, install(tmp_path, points=points))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("registry", EVERY, ids=lambda registry: registry.thing)
def test_every_name_can_be_loaded_and_no_other(registry: Registry) -> None:
    assert registry.own_names()
    for name in registry.own_names():
        assert registry.load(name) is not None
    first = registry.names()[0]
    with pytest.raises(ValueError, match=f"there is no {registry.thing} 'nope'; use one of {first}"):
        registry.load("nope")


def test_a_world_is_found_by_what_params_call_it() -> None:
    assert WORLDS.find(collection="conceptworld") is WORLDS.load("drawn")
    assert WORLDS.find(model="logos") is WORLDS.load("logos")
    assert WORLDS.find(model="a/hub-name") is None
