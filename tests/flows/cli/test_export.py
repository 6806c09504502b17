"""What is exported is what was measured, for somebody who has transformers and peft alone."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from peft import PeftModel
from safetensors.torch import load_file, save_file

from flows.cli.export import _verdict_remarks
from flows.cli.program import main
from siu.audit.ledger import Ledger
from siu.data.releases import CARRIED, MEASURED
from siu.errors import InputError
from siu.models import VisionLanguageModel
from siu.storage.workspace import Workspace
from tasks.deploy import latest_release
from tests.flows.batches import change, run
from tests.tasks.audit.conftest import sealed, sealed_template  # noqa: F401  # fixtures

WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose batch was released; no request in it is erased."""
    root = tmp_path_factory.mktemp("finished") / "standing"
    shutil.copytree(template, root)
    before = dict(os.environ)
    run(Workspace(root), until="release")
    os.environ.clear()
    os.environ.update(before)
    return root


@pytest.fixture
def released(finished: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(finished, tmp_path / "standing")))


@pytest.fixture
def erased(released: Workspace) -> Workspace:
    """The same release under gates that it passes."""
    change(released, "gates", yes_no_em=0.0, garbled_pictures=1.0)
    run(released, until="release")
    return released


@pytest.fixture
def deployed(released: Workspace) -> Path:
    (folder,) = (path for path in released.models.iterdir() if path.is_dir())
    return folder


def siu(workspace: Workspace, command: str, *arguments: object) -> Result:
    options = ("--workspace", workspace.root)
    return CliRunner().invoke(main, [command, *map(str, arguments), *map(str, options)])


def with_other_weights(folder: Path) -> None:
    """Give an adapter of the same form other numbers."""
    weights = load_file(folder / WEIGHTS)
    generator = torch.Generator().manual_seed(1)
    other = {name: torch.randn(value.shape, generator=generator) for name, value in weights.items()}
    save_file(other, folder / WEIGHTS, {"format": "pt"})


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
@pytest.mark.parametrize("merge", [(), ("--merge",)])
def test_an_erased_release_is_exported_with_its_verdicts(
    erased: Workspace, tmp_path: Path, merge: tuple[str, ...]
) -> None:
    result = siu(erased, "export", tmp_path / "new", *merge)
    assert result.exit_code == 0, result.stderr
    assert "Verdicts of its requests: erased 2." in (tmp_path / "new" / "README.md").read_text()
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()} == {0o644}


def test_what_is_not_erased_is_exported_by_force_alone_and_says_so(
    released: Workspace, tmp_path: Path
) -> None:
    refused = siu(released, "export", tmp_path / "new")
    assert refused.exit_code == 2
    assert "E-EXP-002" in refused.stderr
    assert "--force" in refused.stderr
    assert not (tmp_path / "new").exists()
    assert siu(released, "export", tmp_path / "new", "--force").exit_code == 0
    card = (tmp_path / "new" / "README.md").read_text()
    assert "Not every request of this release is shown to be erased" in card


def test_a_copy_of_a_release_needs_force_as_well(released: Workspace, deployed: Path, tmp_path: Path) -> None:
    shutil.copytree(deployed, tmp_path / "copy")
    result = siu(released, "export", tmp_path / "new", "--adapter", tmp_path / "copy")
    assert "E-EXP-002" in result.stderr


def test_without_an_entry_in_the_ledger_no_verdict_is_known(released: Workspace, tmp_path: Path) -> None:
    released.ledger.unlink()
    result = siu(released, "export", tmp_path / "new")
    assert "E-EXP-002" in result.stderr
    assert "none is noted" in result.stderr


def test_a_merged_model_with_other_answers_is_never_exported(
    released: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from siu.models import adapters, export

    def spoiled(vlm: VisionLanguageModel, folder: Path) -> PeftModel:
        peft_model = adapters.attach_saved(vlm, folder)
        for name, parameter in peft_model.named_parameters():
            if ".lora_B." in name:
                parameter.data.normal_(0, 1)
        return peft_model

    monkeypatch.setattr(export, "attach_saved", spoiled)
    refused_for_its_answers(siu(released, "export", tmp_path / "new", "--force", "--merge"), tmp_path)


def test_an_adapter_that_is_torn_on_its_way_is_never_exported(
    released: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree

    def spoiled(source: Path, target: Path, **options: Any) -> Path:
        copy(source, target, **options)
        with_other_weights(target)
        return target

    monkeypatch.setattr("siu.models.export.shutil.copytree", spoiled)
    refused_for_its_answers(siu(released, "export", tmp_path / "new", "--force"), tmp_path)


def refused_for_its_answers(result: Result, place: Path) -> None:
    assert result.exit_code == 2
    assert "E-REL-001" in result.stderr
    assert [path.name for path in place.iterdir()] == ["standing"], "nothing is left"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"folder": "../../evil", "plan": "0" * 64, "requests": ["r-0"]}, r"'../../evil'"),
        ({"folder": "000000000000", "plan": "../../evil", "requests": ["r-0"]}, "no plan digest"),
        ([], "TypeError"),
        ({}, "KeyError"),
    ],
)
@pytest.mark.parametrize("command", ["ask", "export"])
def test_a_latest_release_that_is_none_of_the_workspace_is_refused(
    released: Workspace, deployed: Path, tmp_path: Path, command: str, content: object, what: str
) -> None:
    shutil.copytree(deployed, tmp_path / "evil")
    (released.models / "latest.json").write_text(json.dumps(content))
    arguments = (tmp_path / "new",) if command == "export" else ()
    result = siu(released, command, *arguments)
    assert result.exit_code == 2
    assert "E-REL-002" in result.stderr
    assert what in result.stderr


@pytest.mark.parametrize("command", ["ask", "export"])
def test_a_deployed_adapter_that_was_changed_is_never_used(
    released: Workspace, deployed: Path, tmp_path: Path, command: str
) -> None:
    with_other_weights(deployed)
    arguments = (tmp_path / "new",) if command == "export" else ()
    result = siu(released, command, *arguments)
    assert result.exit_code == 2
    assert f"E-REL-003 {deployed}" in result.stderr
    assert WEIGHTS in result.stderr


@pytest.mark.parametrize("command", ["ask", "export"])
def test_a_release_whose_measured_files_are_gone_is_not_used(
    released: Workspace, tmp_path: Path, command: str
) -> None:
    shutil.rmtree(released.artifacts / "release")
    arguments = (tmp_path / "new",) if command == "export" else ()
    result = siu(released, command, *arguments)
    assert result.exit_code == 2
    assert "E-REL-003" in result.stderr


def test_another_base_model_is_refused_or_written_down(released: Workspace, tmp_path: Path) -> None:
    weights = load_file(released.root / "model" / "model.safetensors")
    name = next(name for name in weights if "up_proj" in name)
    weights[name] = weights[name] + 0.1
    save_file(weights, released.root / "model" / "model.safetensors", {"format": "pt"})
    for command in (("ask",), ("export", tmp_path / "new", "--force")):
        refused = siu(released, *command)
        assert refused.exit_code == 2
        assert "E-MOD-041" in refused.stderr
    said = json.loads(siu(released, "ask", "--json", "--allow-other-base").stdout)
    assert said["other_base"] is True
    exported = siu(released, "export", tmp_path / "new", "--force", "--allow-other-base")
    assert exported.exit_code == 0, exported.stderr
    assert "not known to be the one" in (tmp_path / "new" / "README.md").read_text()


@pytest.mark.parametrize("command", ["ask", "attack", "evaluate", "export", "export --merge"])
@pytest.mark.parametrize(
    ("change", "code"), [("layers", "E-MOD-039"), ("config", "E-MOD-037"), ("pickle", "E-MOD-038")]
)
def test_no_command_answers_with_half_an_adapter(
    released: Workspace, deployed: Path, tmp_path: Path, command: str, change: str, code: str
) -> None:
    adapter = Path(shutil.copytree(deployed, tmp_path / "adapter"))
    if change == "config":
        (adapter / "adapter_config.json").write_text("[]")
    elif change == "pickle":
        (adapter / WEIGHTS).rename(adapter / "adapter_model.bin")
    else:
        weights = load_file(adapter / WEIGHTS)
        left = {name: value for name, value in weights.items() if "layers.1." not in name}
        save_file(left, adapter / WEIGHTS, {"format": "pt"})
    result = started(released, command, adapter, tmp_path / "new")
    assert result.exit_code == 2
    assert result.stderr.startswith(code)
    assert result.stderr.count("\n") == 1, "one line"
    assert not result.stdout


def started(workspace: Workspace, command: str, adapter: Path, folder: Path) -> Result:
    """Start a command with an adapter."""
    if command == "evaluate":
        named = ("--model", workspace.root / "model", "--bench", workspace.root / "own", "--records", folder)
        return CliRunner().invoke(main, ["evaluate", "--adapter", str(adapter), *map(str, named)])
    name, *options = command.split()
    more = {"ask": (), "attack": ("--concept", "c-0", "--profile", "quick"), "export": (folder, *options)}[
        name
    ]
    return siu(workspace, name, "--adapter", adapter, *more)


def test_a_purged_request_that_was_not_measured_needs_force_and_stands_on_the_card(
    sealed: Workspace,  # noqa: F811
) -> None:
    release = latest_release(sealed)
    assert release is not None
    assert _verdict_remarks(release, force=False) == ["Verdicts of its requests: erased 2."]
    members = [("r-1", "erased", "quick", ()), ("r-2", "erased", "quick", ()), ("r-0", "erased", CARRIED, ())]
    data = {"number": 1, "plan": release.plan, "parent": None, "members": members}
    Ledger(sealed.ledger).append(MEASURED, "", data)
    with pytest.raises(InputError, match=r"E-EXP-002 .*erased 2, purged and not measured in it 1"):
        _verdict_remarks(release, force=False)
    first, second = _verdict_remarks(release, force=True)
    assert "exported with --force" in first
    assert second.startswith("1 of its requests were purged before this release")
