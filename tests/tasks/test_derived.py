"""What was made of what, as published outputs tell it themselves."""

from pathlib import Path

from siu.storage.digest import folder_digest
from siu.storage.workspace import Workspace
from tasks.derived import ancestors, derived_outputs, followers
from tasks.housekeeping import leavings
from tasks.purging.plan import plan_purge
from tests.tasks.audit.conftest import publish, sealed, sealed_template  # noqa: F401  # fixtures

CONCEPT = "ab" * 32


def made(root: Path) -> dict[str, str]:
    """Publish a training with what follows, and an attack on another adapter; return the keys by name."""
    plans = {}

    def put(name: str, stage: str, **inputs: object) -> str:
        files = {"adapter/weights": f"of {name}"} if stage in ("unlearn", "release") else {"a.json": "{}"}
        plans[name], _ = publish(root, stage, {"name": name, **inputs}, files)
        return plans[name]

    unlearn = put("unlearn", "unlearn", construct=put("construct", "construct"))
    adapter = folder_digest(root / "artifacts/unlearn" / unlearn / "adapter")
    put("finding", "finding", adapter=adapter, concept=CONCEPT)
    put("release", "release", members=[unlearn])
    put("measured", "released", adapter=plans["release"])
    put("elsewhere", "finding", adapter="cd" * 32, concept=CONCEPT)
    put("other", "construct")
    stages = {"measured": "released", "elsewhere": "finding", "other": "construct"}
    return {name: f"{stages.get(name, name)}/{plan}" for name, plan in plans.items()}


def test_what_follows_and_what_came_before(tmp_path: Path) -> None:
    keys = made(tmp_path)
    outputs = derived_outputs(tmp_path / "artifacts")
    assert outputs.keys() == set(keys.values())
    begin = [outputs[keys["construct"]].plan]

    def names(chosen: set[str]) -> set[str]:
        return {name for name, key in keys.items() if key in chosen}

    all_followers = {"construct", "unlearn", "finding", "release", "measured"}
    assert names(followers(outputs, begin)) == all_followers
    assert names(followers(outputs, begin, by_concept=True)) == {*all_followers, "elsewhere"}
    without = followers(outputs, begin, passes=lambda output: output.stage != "release")
    assert names(without) == {"construct", "unlearn", "finding"}
    assert names(ancestors(outputs, [keys["measured"]])) == {"measured", "release", "unlearn", "construct"}
    assert names(ancestors(outputs, [keys["finding"]])) == {"finding", "unlearn", "construct"}, (
        "by the adapter"
    )


def test_an_output_with_a_broken_manifest_stops_neither_gc_nor_purge(sealed: Workspace) -> None:  # noqa: F811
    broken = sealed.artifacts / "evaluate" / ("ef" * 32)
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    assert f"evaluate/{broken.name}" not in leavings(sealed, keep=1).outputs
    assert f"evaluate/{broken.name}" not in plan_purge(sealed, "r-1").outputs
