import json
import resource
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli.program import main
from flows.cli.shapes import check_output
from siu.audit.ledger import Ledger
from siu.storage.workspace import Workspace


def siu(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_help_is_fast_and_every_command_has_one() -> None:
    import subprocess
    import sys

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = "from flows.cli.program import main; main(['--help'])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < 0.6, "0.21 to 0.28 s of one core on a busy machine; a shared machine's clock says little"
    assert "siu demo" in shown.stdout
    for name in main.commands:
        assert siu(name, "--help").exit_code == 0
    heavy = {"torch", "prefect", "mlflow", "pydantic", "rich", "ruamel.yaml"}
    loaded = f"import sys, flows.cli.program; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda root: (root / "requests.csv").unlink(), "E-CSV-001"),
        (lambda root: _edit(root / "requests.csv", "kind", "colour"), "E-CSV-003"),
        (lambda root: _edit(root / "requests.csv", "Mira Talvon", '"Mira Talvon'), "E-CSV-004"),
        (lambda root: _edit(root / "params.yaml", "  lr:", "  learning_rate:"), "E-PAR-004"),
        (lambda root: _edit(root / "params.yaml", "source: model", "source: missing"), "E-MOD"),
    ],
    ids=["no table", "unknown column", "open quote", "wrong key", "no model"],
)
def test_bad_input_is_one_line_with_a_remedy(standing: Workspace, break_it, message: str) -> None:  # type: ignore[no-untyped-def]
    break_it(standing.root)
    result = siu("batch", "--workspace", standing.root)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not standing.artifacts.exists(), "nothing was started"


def test_debug_shows_the_traceback(standing: Workspace) -> None:
    (standing.root / "requests.csv").unlink()
    result = siu("--debug", "batch", "--workspace", standing.root)
    assert result.exit_code == 1
    assert result.exception is not None


def test_an_unknown_stage_is_named(standing: Workspace) -> None:
    result = siu("batch", "--workspace", standing.root, "--until", "lunch")
    assert result.exit_code == 2
    assert "E-RUN-005 there is no stage 'lunch'" in result.stderr


def test_outside_of_a_workspace_init_is_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = siu("status")
    assert result.exit_code == 2
    assert "siu init" in result.stderr


def test_an_empty_workspace_has_no_states_no_report_and_a_sound_ledger(standing: Workspace) -> None:
    assert json.loads(siu("status", "--json", "--workspace", standing.root).stdout) == []
    assert "E-RUN-006" in siu("report", "--workspace", standing.root).stderr
    assert "E-ASK-001" in siu("ask", "--workspace", standing.root).stderr
    assert "E-ASK-001" in siu("export", standing.root / "out", "--workspace", standing.root).stderr
    assert "0 ledger entries" in siu("verify", "--workspace", standing.root).stdout


def test_a_head_kept_elsewhere_shows_that_the_ledger_was_cut(standing: Workspace) -> None:
    ledger = Ledger(standing.ledger)
    early = ledger.append("received", "r-0", {}).hash
    late = ledger.append("received", "r-1", {}).hash
    assert f"head {late}" in siu("verify", "--head", early, "--workspace", standing.root).stdout
    standing.ledger.write_bytes(standing.ledger.read_bytes().splitlines(keepends=True)[0])
    assert f"head {early}" in siu("verify", "--workspace", standing.root).stdout
    result = siu("verify", "--head", late, "--workspace", standing.root)
    assert result.exit_code == 2
    assert f"E-LED-005 state/ledger.jsonl: the ledger does not hold the head {late}" in result.stderr


def test_an_adapter_is_exported_or_merged_into_its_base_model(standing: Workspace, tmp_path: Path) -> None:
    from siu.models import load_model, new_adapter, save_adapter
    from tests.flows.stand_in import change_answers

    params = standing.params()
    vlm = load_model(params.base_model, root=standing.root)
    with new_adapter(vlm, params.unlearning.lora, seed=0) as peft_model:
        change_answers(peft_model)
        save_adapter(peft_model, tmp_path / "adapter", base="model", digest=vlm.digest)
    options = ("--adapter", tmp_path / "adapter", "--workspace", standing.root)
    assert "The adapter is in" in siu("export", tmp_path / "copy", *options).stdout
    assert "The merged model is in" in siu("export", tmp_path / "whole", "--merge", *options).stdout
    assert (tmp_path / "copy" / "adapter_config.json").is_file()
    assert (tmp_path / "whole" / "model.safetensors").is_file()
    assert "E-EXP-001" in siu("export", tmp_path / "copy", *options).stderr


def test_ctrl_c_says_how_to_go_on(standing: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.cli.batch.run_and_show", interrupt)
    result = siu("batch", "--workspace", standing.root)
    assert result.exit_code == 130
    assert "finished work is kept" in result.stderr


def test_quarantined_requests_give_exit_code_3(standing: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.batch import BatchResult
    from flows.cli import batch as commands
    from siu.errors import ConceptError
    from tasks.outcome import Outcome

    failed = Outcome("r-0", error=ConceptError("E-UNL-001", "the loss is not finite", "Lower lr"))
    monkeypatch.setattr(commands, "run", lambda *arguments: BatchResult((failed,)))
    result = siu("batch", "--workspace", standing.root)
    assert result.exit_code == 3
    assert "r-0: quarantined: E-UNL-001" in result.stdout


def test_a_failed_release_gives_exit_code_3_and_stands_in_the_json(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.batch import BatchResult
    from flows.cli import batch as commands
    from siu.errors import ModelError

    failure = ModelError("E-JUD-001", "no answer", "Start it")
    failed = BatchResult(failures=(failure,), notes=("not versioned",))
    monkeypatch.setattr(commands, "run", lambda *arguments: failed)
    shown = siu("batch", "--workspace", standing.root, "--json")
    assert shown.exit_code == 3
    check_output("siu batch", shown.stdout)
    assert json.loads(shown.stdout) == {"failures": [str(failure)], "notes": ["not versioned"]}
    assert "failed for all requests: E-JUD-001" in siu("batch", "--workspace", standing.root).stdout


def test_init_makes_a_workspace_that_git_and_dvc_know(tmp_path: Path) -> None:
    root = tmp_path / "new"
    assert siu("init", root).exit_code == 0
    assert (root / "requests.csv").read_text() == "request_id,name,image,kind,aliases,received,force,policy\n"
    assert (root / ".dvc" / "config").is_file()
    assert (root / ".git").is_dir()
    (root / "params.yaml").write_text("seed: 3\n")
    assert siu("init", root).exit_code == 0
    assert (root / "params.yaml").read_text() == "seed: 3\n", "what is there is left alone"


def test_the_checkout_is_a_workspace() -> None:
    from flows.dvc_yaml import dvc_yaml
    from tests.requests_table import read_requests

    root = Path(__file__).parents[3]
    assert (root / "dvc.yaml").read_text() == dvc_yaml()
    assert [request.kind for request in read_requests(root / "requests.csv")] == [
        "person",
        "creature",
        "logo",
    ]


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_checkout_has_all_default_parameters(tmp_path: Path) -> None:
    from siu.config.file import write_default_params

    write_default_params(tmp_path / "params.yaml")
    checkout = Path(__file__).parents[3] / "params.yaml"
    assert checkout.read_text() == (tmp_path / "params.yaml").read_text(), "remove it and run `siu init .`"


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    from flows.cli.page import cli_page

    assert (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text() == cli_page()
