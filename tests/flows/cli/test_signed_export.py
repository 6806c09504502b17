"""`siu export --signing-key`: what is given away is signed, or the command ends and nothing is left."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from siu.audit.model_signature import PASSWORD, model_signer
from siu.storage.workspace import Workspace
from tests.flows.cli.test_export import finished, released, siu, usual_umask  # noqa: F401  # fixtures
from tests.siu.audit.test_model_signature import key, key_pair, needs_extra, verify  # noqa: F401  # fixtures


def export(workspace: Workspace, folder: Path, private: Path, *options: str) -> Result:
    return siu(workspace, "export", folder, "--force", "--signing-key", private, *options)


@needs_extra
@pytest.mark.usefixtures("usual_umask")
@pytest.mark.parametrize("merge", [(), ("--merge",)])
def test_what_is_exported_holds_for_the_standards_own_tool(
    released: Workspace,  # noqa: F811
    key: Path,  # noqa: F811
    tmp_path: Path,
    merge: tuple[str, ...],
) -> None:
    assert siu(released, "export", tmp_path / "unsigned", "--force", *merge).exit_code == 0
    result = export(released, tmp_path / "new", key, *merge)
    assert result.exit_code == 0, result.stderr
    signature = tmp_path / "new.sig"
    assert str(signature) in result.stdout
    assert model_signer(key).fingerprint in result.stdout
    assert signature.stat().st_mode & 0o777 == 0o644
    judged = verify(tmp_path / "new", signature, key.with_suffix(".pub"))
    assert judged.returncode == 0, judged.stderr
    contents = [
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (tmp_path / "unsigned", tmp_path / "new")
    ]
    assert contents[0] == contents[1], "the folder's bytes are the same"
    assert not list(tmp_path.glob(".*.partial"))


def test_a_signature_that_is_there_is_kept(
    released: Workspace,  # noqa: F811
    key: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("siu.audit.model_signature.model_signer", lambda *_: object())
    (tmp_path / "new.sig").write_text("mine")
    result = export(released, tmp_path / "new", key)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"E-EXP-004 {tmp_path / 'new.sig'}: ")
    assert result.stderr.count("\n") == 1, "one line"
    assert (tmp_path / "new.sig").read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_with_an_unfit_key_nothing_is_written(
    released: Workspace,  # noqa: F811
    key: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    key.chmod(0o644)
    before = sorted(tmp_path.iterdir())
    result = export(released, tmp_path / "new", key)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"E-KEY-009 {key}: ")
    assert result.stderr.count("\n") == 1, "one line"
    assert sorted(tmp_path.iterdir()) == before


@needs_extra
def test_who_sits_at_a_terminal_is_asked_for_the_password(
    released: Workspace,  # noqa: F811
    tmp_path: Path,
) -> None:
    locked = key_pair(tmp_path, "locked", password="hush")
    code = "import sys; from flows.cli.program import main; sys.exit(main())"
    words = ("export", str(tmp_path / "new"), "--force", "--signing-key", str(locked))
    command = (sys.executable, "-c", code, *words, "--workspace", str(released.root))
    environment = {name: value for name, value in os.environ.items() if name != PASSWORD}
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    stdout, stderr = typed(process, controller, b"hush\n")
    os.close(terminal)
    os.close(controller)
    assert process.returncode == 0, stderr
    assert "Password of the signing key" in stderr
    assert "hush" not in stderr + stdout
    judged = verify(tmp_path / "new", tmp_path / "new.sig", locked.with_suffix(".pub"))
    assert judged.returncode == 0, judged.stderr


def typed(process: subprocess.Popen[str], keyboard: int, line: bytes) -> tuple[str, str]:
    """Type a line until the process has ended, which throws away what was typed before it asked."""
    for _ in range(100):
        try:
            return process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            os.write(keyboard, line)
    process.kill()
    return process.communicate()
