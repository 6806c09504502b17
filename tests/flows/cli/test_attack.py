"""`siu attack` on a model that knows nothing: what the command does, not what attacks find."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from flows.cli.program import main
from flows.cli.shapes import check_output
from siu.gold.reference import write_card
from siu.models import load_model, new_adapter, save_adapter
from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch
from tasks.prepare import prepare
from tests.flows.stand_in import change_answers

ATTACKS = ("yes_no", "prefill", "min_k")
KILLED = """
import os, signal, sys
from pathlib import Path
from flows.plan import prepared_job
from siu.storage.workspace import Workspace
from tasks.findings import Target, find_all

def die(done, total):
    if done == 1:
        os.kill(os.getpid(), signal.SIGKILL)

workspace = Workspace(Path(sys.argv[1]))
params = workspace.params()
attacks = params.attacks.model_copy(update={"only": tuple(sys.argv[3:])})
job = prepared_job(workspace, params.model_copy(update={"attacks": attacks}), ())
find_all(job, Target(job.collection().concept("c-0"), Path(sys.argv[2]), "quick"), die)
"""


@pytest.fixture
def adapter(standing: Workspace) -> Path:
    """An adapter that changes answers and forgets nobody."""
    params, folder = standing.params(), standing.root / "adapter"
    vlm = load_model(params.base_model, root=standing.root)
    with new_adapter(vlm, params.unlearning.lora, seed=0) as peft_model:
        change_answers(peft_model)
        save_adapter(peft_model, folder, base="model", digest=vlm.digest)
    return folder


def siu_attack(workspace: Workspace, adapter: Path | str, *more: object, concept: str = "c-0") -> Result:
    only = [part for name in ATTACKS for part in ("--only", name)]
    options = ("--workspace", workspace.root, "--adapter", adapter, "--concept", concept, *only, *more)
    return CliRunner().invoke(main, ["attack", *map(str, options)])


def findings_of(workspace: Workspace) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in workspace.artifacts.glob("finding/*/findings.json")}


def test_killed_and_started_again_it_does_only_what_is_missing(standing: Workspace, adapter: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(standing.root), str(adapter), *ATTACKS],
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    halfway = findings_of(standing)
    assert len(halfway) == 1
    result = siu_attack(standing, adapter, "--profile", "quick", "--json")
    assert result.exit_code == 0, result.stderr
    shown = json.loads(result.stdout)
    check_output("siu attack", result.stdout)
    assert [one["attack"] for one in shown["findings"]] == list(ATTACKS)
    everything = findings_of(standing)
    assert len(everything) == len(ATTACKS)
    assert halfway.items() <= everything.items(), "what was done is not done again"
    again = siu_attack(standing, adapter, "--profile", "quick", "--json")
    assert again.stdout == result.stdout
    assert findings_of(standing) == everything


def test_table_and_page_name_attacks_controls_and_budgets(standing: Workspace, adapter: Path) -> None:
    result = siu_attack(standing, adapter, "--profile", "quick")
    assert result.exit_code == 0, result.stderr
    assert "prefill" in result.stdout
    page = (standing.reports / "attacks-c-0-selected.html").read_text(encoding="utf-8")
    assert str(standing.reports / "attacks-c-0-selected.html") in result.stdout
    for text in (
        "What is left of Mira Talvon?",
        "Yes or no",
        "Min-K%",
        "pictures 4",
        "no gold model",
        "quick",
    ):
        assert text in page
    assert str(standing.root) not in page


def test_selected_attacks_leave_the_page_of_the_profile(standing: Workspace, adapter: Path) -> None:
    whole = standing.reports / "attacks-c-0.html"
    whole.parent.mkdir(parents=True, exist_ok=True)
    whole.write_text("all attacks of a profile")
    result = siu_attack(standing, adapter, "--profile", "quick")
    assert result.exit_code == 0, result.stderr
    assert whole.read_text() == "all attacks of a profile"


def test_attacks_are_held_against_the_gold_model_of_the_evaluation(
    standing: Workspace, adapter: Path
) -> None:
    shutil.copytree(standing.root / "model", standing.root / "never-knew")
    _set_gold(standing, "never-knew")
    without_card = siu_attack(standing, adapter, "--profile", "quick")
    assert without_card.exit_code == 2
    assert "E-MOD-026" in without_card.stderr
    write_card(standing.root / "never-knew", ("c-0",))
    found = json.loads(siu_attack(standing, adapter, "--profile", "quick", "--json").stdout)["findings"]
    assert all(one["gold"] is not None for one in found)
    page = standing.reports / "attacks-c-0-selected.html"
    assert "gold model <code>never-knew</code>" in page.read_text(encoding="utf-8")
    shown_to_gold = siu_attack(standing, adapter, "--profile", "quick", "--json", concept="c-1")
    assert all(one["gold"] is None for one in json.loads(shown_to_gold.stdout)["findings"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--adapter", "nowhere"), "E-MOD-021"),
        (("--concept", "nobody"), "E-ATK-001"),
        (("--only", "sorcery"), "E-ATK-002"),
        (("--profile", "endless"), "'quick', 'standard', 'thorough'"),
        (("--model", "./nowhere"), "E-MOD-001"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(
    standing: Workspace, adapter: Path, options: tuple[str, ...], message: str
) -> None:
    result = siu_attack(standing, adapter, *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not findings_of(standing)


def test_while_a_batch_runs_its_collection_is_left_alone(standing: Workspace, adapter: Path) -> None:
    with only_batch(standing):
        result = siu_attack(standing, adapter)
        prepared = CliRunner().invoke(main, ["prepare", "--workspace", str(standing.root)])
    assert result.exit_code == prepared.exit_code == 2
    assert "E-RUN-004" in result.stderr
    assert "E-RUN-004" in prepared.stderr
    assert not standing.collection(standing.params()).exists()


def test_another_model_is_attacked_and_not_noted_as_the_workspaces(
    standing: Workspace, adapter: Path
) -> None:
    prepare(standing, standing.params())
    noted = (standing.root / "data" / "base_model" / "identity.json").read_bytes()
    shutil.copytree(standing.root / "model", standing.root / "other")
    (standing.root / "other" / "added.json").write_text("{}")
    other = ("--profile", "quick", "--model", "other")
    assert "E-MOD-041" in siu_attack(standing, adapter, *other).stderr
    result = siu_attack(standing, adapter, *other, "--allow-other-base", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["other_base"] is True
    page = (standing.reports / "attacks-c-0-selected.html").read_text(encoding="utf-8")
    assert "<code>other. The base model is not known to be the one" in page
    assert (standing.root / "data" / "base_model" / "identity.json").read_bytes() == noted


def test_without_an_adapter_there_must_be_a_release(standing: Workspace) -> None:
    result = CliRunner().invoke(main, ["attack", "--concept", "c-0", "--workspace", str(standing.root)])
    assert result.exit_code == 2
    assert "E-ASK-001" in result.stderr


def _set_gold(workspace: Workspace, gold: str) -> None:
    yaml = YAML()
    params = yaml.load(workspace.params_file)
    params["evaluation"]["gold"] = gold
    yaml.dump(params, workspace.params_file)
