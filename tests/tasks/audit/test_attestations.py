"""What other tools read of a certificate: valid in their forms, signed, the same for the same release."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from flows.cli.program import main
from siu.audit.attestations import PROVENANCE, TEST_RESULT
from siu.audit.audit import audit
from siu.audit.command import trusted_keys
from siu.errors import InputError, StateError
from siu.storage.digest import file_digest
from siu.storage.workspace import Workspace
from tasks import attesting
from tasks.certify import certify, checked_certificate
from tasks.seal import seal


@pytest.fixture
def folder(sealed: Workspace) -> Path:
    return certify(sealed, "r-1").parent / "attestations"


def only(folder: Path, ending: str) -> Path:
    (file,) = folder.glob(f"*{ending}")
    return file


def test_each_is_signed_and_about_the_released_files(sealed: Workspace, folder: Path) -> None:
    keys = trusted_keys(str(sealed.state / "keys/public.txt"))
    (release,) = (sealed.artifacts / "release").iterdir()
    adapter = {f"adapter/{path.name}": file_digest(path) for path in (release / "adapter").iterdir()}
    for ending, kind in ((".test-result.json", TEST_RESULT), (".provenance.json", PROVENANCE)):
        statement = checked_certificate(only(folder, ending), keys)
        assert statement["predicateType"] == kind
        assert {file["name"]: file["digest"]["sha256"] for file in statement["subject"]} == adapter
    assert audit(sealed.root, keys).faults == ()


def test_the_verdict_and_what_the_release_was_made_of_stand_in_them(sealed: Workspace, folder: Path) -> None:
    keys = trusted_keys(str(sealed.state / "keys/public.txt"))
    result = checked_certificate(only(folder, ".test-result.json"), keys)["predicate"]
    assert result["result"] == "PASSED"
    assert result["passedTests"] == ["generality_em"]
    definition = checked_certificate(only(folder, ".provenance.json"), keys)["predicate"]["buildDefinition"]
    made_of = {
        part["name"]: next(iter(part["digest"].values())) for part in definition["resolvedDependencies"]
    }
    assert made_of["base model"] == "cd" * 32
    assert (sealed.state / "params" / f"{made_of['parameters']}.json").is_file()


def test_a_changed_attestation_is_refused_and_named(sealed: Workspace, folder: Path) -> None:
    keys = trusted_keys(str(sealed.state / "keys/public.txt"))
    file = only(folder, ".provenance.json")
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "payload": content["payload"][:-4] + "AAA="}))
    with pytest.raises(InputError, match="E-CRT-00"):
        checked_certificate(file, keys)
    assert any(file.name in fault.place for fault in audit(sealed.root, keys).faults)


def test_the_bill_of_materials_is_valid_and_has_no_time(sealed: Workspace, folder: Path) -> None:
    text = only(folder, ".cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    model = json.loads(text)["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert model["pedigree"]["ancestors"][0]["name"] == "embedded"
    assert "timestamp" not in text
    shutil.rmtree(folder.parent)
    seal(sealed)
    assert certify(sealed, "r-1").is_file()
    assert only(folder, ".cdx.json").read_text() == text


def test_no_name_stands_in_any_of_them(folder: Path) -> None:
    assert all("Mira" not in file.read_text() and "Ilka" not in file.read_text() for file in folder.iterdir())


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium here")
def test_the_page_is_printed_and_bound(sealed: Workspace) -> None:
    words = ["certificate", "r-1", "--pdf", "--workspace", str(sealed.root)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    printed = Path(done.output.splitlines()[-1])
    assert printed.suffix == ".pdf"
    assert printed.read_bytes().startswith(b"%PDF-")
    assert audit(sealed.root).faults == ()
    printed.write_bytes(printed.read_bytes() + b"x")
    assert any(printed.name in fault.place for fault in audit(sealed.root).faults)


def test_the_browser_keeps_its_sandbox_unless_root_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--no-sandbox" not in attesting.flags()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "--no-sandbox" in attesting.flags()


def test_without_a_browser_the_reader_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attesting, "BROWSERS", ("no-such-browser",))
    with pytest.raises(StateError, match=r"E-CRT-006.*Chromium"):
        attesting.write_pdf(tmp_path / "page.html")


def test_the_command_checks_an_attestation(sealed: Workspace, folder: Path) -> None:
    words = ["certificate", "--check", str(only(folder, ".provenance.json"))]
    done = CliRunner().invoke(main, [*words, "--key", str(sealed.state / "keys/public.txt")])
    assert (done.exit_code, PROVENANCE in done.output) == (0, True), done.output
