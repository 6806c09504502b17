"""Ways by which a message reaches people: a webhook, Slack, e-mail; each delivers one message or raises."""

import json
import os
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import IO, Any, Protocol
from urllib.request import HTTPRedirectHandler, Request, build_opener

from siu.config.notify import MailParams, NotifyParams
from siu.config.section import is_private_address
from tasks.mail_connection import TIMEOUT_SECONDS, connected
from tasks.message_text import subject_of, text_of

Message = dict[str, Any]


class UnusableError(Exception):
    """A way can't be used whatever is tried again: what params.yaml refers to is not there."""


class Channel(Protocol):
    """One way."""

    @property
    def key(self) -> str:
        """Where params.yaml names it."""
        ...

    def deliver(self, message: Message) -> None:
        """Deliver a message.

        Raises:
            UnusableError: That will never work.
            OSError: It did not work; also the errors of `urllib` and `smtplib`.
            http.client.HTTPException: The answer is none of HTTP.
        """
        ...


def channels(params: NotifyParams) -> list[Channel]:
    """Return all ways that params.yaml names."""
    ways: list[Channel] = []
    if params.webhook is not None:
        ways.append(Webhook(params.webhook))
    if params.slack_env is not None:
        ways.append(Slack(params.slack_env))
    if params.mail.host is not None:
        ways.append(Mail(params.mail))
    return ways


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a message goes to the address that was written down, and to no other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Return no request."""


def _post(url: str, content: Message) -> None:
    request = Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
        return


@dataclass(frozen=True)
class Webhook:
    """An address that gets the message itself, as JSON.

    Attributes:
        url: The address.
    """

    url: str
    key = "notify.webhook"

    def deliver(self, message: Message) -> None:
        """Post it."""
        _post(self.url, message)


@dataclass(frozen=True)
class Slack:
    """A Slack channel, through an incoming webhook; its address is a secret.

    Attributes:
        variable: Environment variable that holds the address.
    """

    variable: str
    key = "notify.slack_env"

    def deliver(self, message: Message) -> None:
        """Post a text, in which Slack's three control characters are escaped."""
        url = _secret(self.variable)
        if not is_private_address(url):
            raise UnusableError(f"what {self.variable} holds is no https address")
        text = f"*{subject_of(message)}*\n{text_of(message)}"
        for character, escape in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(character, escape)
        _post(url, {"text": text})


@dataclass(frozen=True)
class Mail:
    """E-mail through a mail server.

    Attributes:
        params: Which.
    """

    params: MailParams
    key = "notify.mail"

    def deliver(self, message: Message) -> None:
        """Send a plain text; the server's certificate must be valid, a refused recipient is an error."""
        password = _secret(self.params.password_env) if self.params.user else ""
        with connected(str(self.params.host), self.params.port, self.params.security) as server:
            if self.params.user:
                server.login(self.params.user, password)
            if server.send_message(self._written(message)):
                raise OSError("a recipient was refused")

    def _written(self, message: Message) -> EmailMessage:
        sender = str(self.params.sender)
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = subject_of(message), sender, ", ".join(self.params.to)
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text_of(message) + "\n")
        return mail


def _secret(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise UnusableError(f"the environment variable {variable} is not set")
    return value
