"""A time-stamp authority stamps a checkpoint's file (RFC 3161): shown with a local one of openssl's."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from siu.audit.audit import audit
from siu.audit.ledger import Ledger
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tasks.anchors import to_file
from tasks.proofs import newest_checkpoint
from tasks.stamps import ask_for_stamp, check_stamp, fetch_stamp
from tests.http_server import Answer, http_server
from tests.tasks.audit.servers import authority_at, make_authority, openssl

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return make_authority(tmp_path / "authority")


def test_a_stamped_checkpoint_is_verified_by_openssl_alone(sealed: Workspace, authority: Path) -> None:
    file = to_file(newest_checkpoint(sealed), authority / "june.txt")
    with authority_at(authority) as url:
        reply = fetch_stamp(ask_for_stamp(file), url)
    check = ("ts", "-verify", "-data", "june.txt", "-in", reply.name, "-CAfile", "tsa.pem")
    assert openssl(authority, *check).returncode == 0
    assert "GMT" in check_stamp(file, reply, authority / "tsa.pem")
    file.write_text(str(newest_checkpoint(sealed)).replace("siu/", "sju/"))
    assert openssl(authority, *check).returncode != 0
    with pytest.raises(StateError, match="E-LED-027"):
        check_stamp(file, reply, authority / "tsa.pem")


def test_a_stamp_of_another_authority_is_refused(sealed: Workspace, authority: Path, tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other", "somebody else")
    file = to_file(newest_checkpoint(sealed), tmp_path / "june.txt")
    with authority_at(other) as url:
        reply = fetch_stamp(ask_for_stamp(file), url)
    with pytest.raises(StateError, match="E-LED-027"):
        check_stamp(file, reply, authority / "tsa.pem")


def test_a_reply_to_another_question_about_the_same_file_is_refused(
    sealed: Workspace, authority: Path
) -> None:
    file = to_file(newest_checkpoint(sealed), authority / "june.txt")
    with authority_at(authority) as url:
        earlier = fetch_stamp(ask_for_stamp(file), url)
    assert check_stamp(file, earlier, authority / "tsa.pem")
    ask_for_stamp(file)
    with pytest.raises(StateError, match="E-LED-027"):
        check_stamp(file, earlier, authority / "tsa.pem")


@pytest.mark.parametrize("code", [307, 500])
def test_an_authority_that_sends_elsewhere_or_fails_is_told(tmp_path: Path, code: int) -> None:
    (tmp_path / "june.tsq").write_bytes(b"x")
    with http_server() as server:
        server.codes = [code]
        with pytest.raises(StateError, match=rf"E-LED-027.*status {code}"):
            fetch_stamp(tmp_path / "june.tsq", server.url)
    assert len(server.received) == 1


def test_a_reply_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "june.tsq").write_bytes(b"x")
    monkeypatch.setattr("tasks.stamps.LARGEST", 10)
    with (
        http_server(lambda _: Answer(200, b"x" * 11)) as server,
        pytest.raises(StateError, match=r"E-LED-027.*longer than 10 bytes"),
    ):
        fetch_stamp(tmp_path / "june.tsq", server.url)
    assert not (tmp_path / "june.tsr").exists()


@pytest.mark.parametrize(
    "url",
    ["", "june", "file:///etc/passwd", "https://u:p@host/", "ftp://host/", "https://[x", "https://h:abc/"],
)
def test_an_odd_address_is_refused(tmp_path: Path, url: str) -> None:
    (tmp_path / "june.tsq").write_bytes(b"x")
    with pytest.raises(InputError, match="E-LED-027"):
        fetch_stamp(tmp_path / "june.tsq", url)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "june.tsq").write_bytes(b"x")
    with pytest.raises(StateError, match=r"E-LED-027.*doesn't answer"):
        fetch_stamp(tmp_path / "june.tsq", "http://127.0.0.1:9/")


def test_the_command_asks_checks_and_notes_it(sealed: Workspace, authority: Path, tmp_path: Path) -> None:
    words = ["checkpoint", "stamp", "--workspace", str(sealed.root), str(tmp_path / "june.txt")]
    with authority_at(authority) as url:
        done = CliRunner().invoke(main, [*words, "--url", url, "--authority", str(authority / "tsa.pem")])
    assert done.exit_code == 0, done.output
    assert "the authority says" in done.output
    entry = next(entry for entry in Ledger(sealed.ledger).entries() if entry.event == "checkpoint_stamped")
    assert "GMT" in entry.data["time"]
    assert audit(sealed.root).faults == ()
    again = [*words, "--reply", str(tmp_path / "june.tsr"), "--authority", str(authority / "tsa.pem")]
    assert CliRunner().invoke(main, again).exit_code == 0
