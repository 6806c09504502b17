"""Slack and e-mail, to servers of this machine: what arrives, what is tried again, what is never sent."""

from email import message_from_string
from pathlib import Path
from typing import Any

import pytest

from siu.config.file import check_params
from siu.config.notify import MailParams, NotifyParams
from siu.errors import PreflightError
from tasks.messages import BatchEnded, DueSoon, GateFailed, ReleaseState, ReleaseWaits
from tasks.notify import send
from tests.http_server import LocalServer
from tests.tasks.mail_server import certificate, mail_server
from tests.tasks.test_notify import post

__all__ = ["post"]
ENDED = BatchEnded(3, {"erased": 2, "partial": 1}, ReleaseState(4, "waiting", "partial"))
PERSON = ReleaseWaits(4)
DUE = DueSoon(("r-1", "r-2"), ("r-2",))


def mail(port: int, **values: Any) -> NotifyParams:
    plain = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "siu@example.org"}
    return NotifyParams(mail=MailParams(**{**plain, "to": ("anna@example.org",), **values}), wait_seconds=0.5)


def test_slack_gets_words(post: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_SLACK", post.url)
    assert send([ENDED, PERSON], NotifyParams(slack_env="TEAM_SLACK")) == ""
    assert [request.json()["text"] for request in post.received] == [
        "*siu: batch ended*\n3 requests: 2 erased, 1 partial.\n"
        "Release 4 is waiting; its worst verdict is partial.",
        "*siu: person needed*\nRelease 4 waits to be accepted: siu release accept 4 --reason ...",
    ]


def test_slack_is_tried_again_and_its_address_is_not_told(
    post: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM_SLACK", post.url)
    post.codes = [500, 500]
    lost = send([DUE], NotifyParams(slack_env="TEAM_SLACK", retries=1), lambda _: None)
    assert lost == "not delivered to notify.slack_env: due_soon"
    assert len(post.received) == 2


@pytest.mark.parametrize("address", ["", "http://hooks.example.org/services/T0"])
def test_slack_without_a_usable_address_is_noted_once(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("TEAM_SLACK", address)
    noted = send([ENDED, DUE], NotifyParams(slack_env="TEAM_SLACK"), pytest.fail)
    assert noted.startswith("notify.slack_env can't be used: ")
    assert "example.org" not in noted


def test_mail_arrives_with_its_subject_and_all_recipients() -> None:
    with mail_server() as server:
        assert send([DUE], mail(server.port, to=("anna@example.org", "ben@example.org"))) == ""
    ((recipients, text),) = server.mails
    written = message_from_string(text)
    assert recipients == ["anna@example.org", "ben@example.org"]
    assert written["Subject"] == "siu: due soon"
    assert "Due soon or overdue: r-1, r-2." in written.get_payload()
    assert "Overdue: r-2." in written.get_payload()


def test_mail_that_is_refused_for_now_is_sent_again() -> None:
    waits: list[float] = []
    with mail_server() as server:
        server.refusals = 2
        assert send([ENDED], mail(server.port), waits.append) == ""
    assert waits == [0.5, 1.0]
    assert len(server.mails) == 1


def test_mail_logs_in_behind_encryption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SIU_MAIL_PASSWORD", "right")
    with mail_server(context) as server:
        assert send([ENDED], mail(server.port, security="starttls", user="siu")) == ""
    assert server.logins == [("siu", "right")]
    assert len(server.mails) == 1


def test_a_server_that_is_not_the_one_named_gets_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, context = certificate(tmp_path)  # nobody trusts it
    monkeypatch.setenv("SIU_MAIL_PASSWORD", "right")
    with mail_server(context) as server:
        params = mail(server.port, security="starttls", user="siu")
        assert send([ENDED], params, lambda _: None) == "not delivered to notify.mail: batch_ended"
    assert server.logins == []
    assert server.mails == []


def test_nothing_is_sent_to_a_server_without_the_encryption_that_is_wanted() -> None:
    with mail_server() as server:
        lost = send([ENDED], mail(server.port, security="starttls"), lambda _: None)
    assert lost == "not delivered to notify.mail: batch_ended"
    assert server.mails == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"host": "mail.example.org"}, "set without an address"),
        (
            {"host": "mail.example.org", "sender": "a@b.org", "to": ("c@d.org",), "security": "none"},
            "unencrypted",
        ),
        ({"sender": "a@b.org\nBcc: x@y.org"}, r"notify\.mail\.sender"),
        ({"password_env": "not a name"}, r"notify\.mail\.password_env"),
    ],
)
def test_odd_mail_settings_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(PreflightError, match=words):
        check_params({"notify": {"mail": values}}, "params.yaml")


def test_long_lists_are_counted() -> None:
    text = GateFailed(tuple(f"r-{number}" for number in range(25))).text()
    assert "r-19 and 5 more" in text
    assert "r-20" not in text
