"""A checkpoint sent away arrives as it was signed, in every way; what can't be sent is told."""

import email
import email.policy
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from siu.audit.audit import audit
from siu.audit.command import trusted_keys
from siu.audit.ledger import Ledger
from siu.audit.note import Checkpoint, read_checkpoint
from siu.errors import InputError, SiuError, StateError
from siu.storage.workspace import Workspace
from tasks.anchors import checkpoint_mail, to_file, to_mail_file, to_smtp, to_tag, to_webhook
from tasks.proofs import newest_checkpoint
from tests.http_server import http_server
from tests.tasks.audit.conftest import write
from tests.tasks.mail_server import certificate, mail_server


@pytest.fixture
def newest(sealed: Workspace) -> Checkpoint:
    return newest_checkpoint(sealed)


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=x", "-c", "user.email=x@y.z")
    return subprocess.run(
        ["git", *author, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def test_a_file_or_a_folder_gets_it(newest: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "safe").mkdir()
    for place in (tmp_path / "safe", tmp_path / "june.txt"):
        assert read_checkpoint(to_file(newest, place).read_text()) == newest
    with pytest.raises(StateError, match=r"E-LED-026.*none/june.txt"):
        to_file(newest, tmp_path / "none/june.txt")


def test_a_tag_holds_it_and_is_pushed(sealed: Workspace, newest: Checkpoint, tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"E-LED-026.*git"):
        to_tag(sealed, newest)
    git(sealed.root, "init", "--quiet")
    git(sealed.root, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(tmp_path, "init", "--quiet", "--bare", "far.git")
    name = to_tag(sealed, newest, str(tmp_path / "far.git"))
    assert to_tag(sealed, newest) == name, "the same once more changes nothing"
    text = git(tmp_path / "far.git", "for-each-ref", "--format=%(contents)", f"refs/tags/{name}")
    assert read_checkpoint(text.rstrip("\n") + "\n") == newest
    other = Checkpoint(newest.origin, newest.size, b"x" * 32)
    with pytest.raises(StateError, match="says something else"):
        to_tag(sealed, other)
    with pytest.raises(StateError, match=r"E-LED-026.*git"):
        to_tag(sealed, newest, str(tmp_path / "nowhere.git"))


def text_in(message: bytes) -> str:
    body = email.message_from_bytes(message, policy=email.policy.default).get_content()
    return str(body).replace("\r\n", "\n").split("-----\n")[1]


def test_an_e_mail_arrives_as_it_was_signed(
    newest: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = checkpoint_mail(newest, "siu@localhost", "auditor@example.org")
    to_mail_file(message, tmp_path / "june.eml")
    assert read_checkpoint(text_in((tmp_path / "june.eml").read_bytes())) == newest
    assert message["Date"]
    assert message["Message-ID"].endswith("@localhost>")
    with mail_server() as server:
        monkeypatch.setenv("MAILS", f"smtp://127.0.0.1:{server.port}")
        to_smtp(message, "MAILS")
        ((_, text),) = server.mails
        assert read_checkpoint(text_in(text.encode())) == newest
        server.knows_recipients = False
        with pytest.raises(StateError, match=r"E-LED-026.*SMTPRecipientsRefused"):
            to_smtp(message, "MAILS")
    for value in ("", "https://x", "smtp://", "smtps://h:abc", "smtp://[x"):
        monkeypatch.setenv("MAILS", value)
        with pytest.raises(InputError, match=r"E-LED-026.*MAILS"):
            to_smtp(message, "MAILS")
    monkeypatch.setenv("MAILS", "smtp://127.0.0.1:9")
    with pytest.raises(StateError, match="E-LED-026"):
        to_smtp(message, "MAILS")


def test_a_server_whose_certificate_nobody_trusts_gets_neither_mail_nor_password(
    newest: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, context = certificate(tmp_path)
    with mail_server(context) as server:
        monkeypatch.setattr("tasks.anchors.LOOPBACK", ())  # as if it stood elsewhere
        monkeypatch.setenv("MAILS", f"smtp://siu:secret@127.0.0.1:{server.port}")
        with pytest.raises(StateError, match=r"E-LED-026.*SSLCertVerificationError"):
            to_smtp(checkpoint_mail(newest, "siu@localhost", "auditor@example.org"), "MAILS")
    assert (server.logins, server.mails) == ([], [])


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "a@b\nBcc: x@y", "a b@c", ""])
def test_an_odd_address_is_refused(newest: Checkpoint, address: str) -> None:
    with pytest.raises(InputError, match="E-LED-026"):
        checkpoint_mail(newest, "siu@localhost", address)


def test_the_webhook_gets_it(sealed: Workspace, newest: Checkpoint) -> None:
    with pytest.raises(InputError, match=r"E-LED-026.*notify.webhook"):
        to_webhook(newest, sealed.params().notify)
    with http_server() as server:
        others = "slack_env: NO_SUCH_VARIABLE"  # the others are not told
        write(sealed.root, "params.yaml", f"notify: {{webhook: '{server.url}', {others}}}\n")
        to_webhook(newest, sealed.params().notify)
    assert read_checkpoint(server.received[0].json()["checkpoint"]) == newest
    write(sealed.root, "params.yaml", "notify: {webhook: 'http://127.0.0.1:9/', retries: 0}\n")
    with pytest.raises(SiuError, match="E-LED-026"):
        to_webhook(newest, sealed.params().notify)


def test_what_was_sent_before_another_way_failed_stands_in_the_ledger(
    sealed: Workspace, tmp_path: Path
) -> None:
    command = ["checkpoint", "send", "--workspace", str(sealed.root), "--to", str(tmp_path / "june.txt")]
    done = CliRunner().invoke(main, [*command, "--webhook"])
    assert done.exit_code == 2
    assert "E-LED-026" in done.output
    assert (tmp_path / "june.txt").is_file()
    (sent,) = [entry for entry in Ledger(sealed.ledger).entries() if entry.event == "checkpoint_sent"]
    assert sent.data["ways"] == ["file"]


def test_what_is_given_away_can_be_read_by_others(sealed: Workspace, tmp_path: Path) -> None:
    place = ["--workspace", str(sealed.root)]
    to = ["--to", str(tmp_path / "june.txt"), "--mail", "a@example.org", "--eml", str(tmp_path / "june.eml")]
    commands = [
        ["checkpoint", *place, "--output", str(tmp_path / "july.txt")],
        ["checkpoint", "send", *place, *to],
        ["audit-page", *place, "--output", str(tmp_path / "audit")],
    ]
    before = os.umask(0o022)
    try:
        for command in commands:
            assert CliRunner().invoke(main, command).exit_code == 0
    finally:
        os.umask(before)
    given = [path for path in (*tmp_path.glob("j*"), *tmp_path.rglob("audit/*")) if path.is_file()]
    assert len(given) > 3
    assert {path.stat().st_mode & 0o777 for path in given} == {0o644}
    assert (tmp_path / "audit").stat().st_mode & 0o777 == 0o755
    assert sealed.ledger.stat().st_mode & 0o777 == 0o600


def test_a_push_that_does_not_end_is_told(
    sealed: Workspace, newest: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(sealed.root, "init", "--quiet")
    git(sealed.root, "commit", "--quiet", "--allow-empty", "--message", "first")
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 3\n")
    slow.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(slow))
    monkeypatch.setattr("tasks.git.TIMEOUT_SECONDS", 0.5)
    with pytest.raises(StateError, match=r"E-LED-026.*git has not ended"):
        to_tag(sealed, newest, "ssh://far.example/r.git")


def test_the_command_sends_notes_it_and_an_old_one_still_holds(sealed: Workspace, tmp_path: Path) -> None:
    place = ["--workspace", str(sealed.root)]
    for number in (1, 2):
        command = ["checkpoint", "send", *place, "--to", str(tmp_path / f"{number}.txt")]
        command += ["--mail", "auditor@example.org", "--eml", str(tmp_path / "a.eml")]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    sent = [entry for entry in Ledger(sealed.ledger).entries() if entry.event == "checkpoint_sent"]
    assert [entry.data["ways"] for entry in sent] == [["e-mail as a file", "file"]] * 2
    assert "example.org" not in sealed.ledger.read_text()
    keys = trusted_keys(str(sealed.state / "keys/public.txt"))
    for number in (1, 2):
        old = read_checkpoint((tmp_path / f"{number}.txt").read_text())
        assert audit(sealed.root, keys, old).faults == ()
    done = CliRunner().invoke(main, ["verify", *place, "--checkpoint", str(tmp_path / "1.txt")])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, ["checkpoint", "send", *place]).exit_code == 2
    assert "siu/" in CliRunner().invoke(main, ["checkpoint", *place]).output
