"""Ways by which a message reaches people: a webhook, Slack, e-mail; each delivers one message or raises."""

import json
import os
from dataclasses import dataclass
from typing import Any, Protocol

from siu.config.notify import MailParams, NotifyParams
from siu.config.section import is_safe_address
from tasks.http_post import post
from tasks.mail import connected, plain_mail
from tasks.messages import Message, subject_of


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
            OSError: It did not work; also the errors of `tasks.http_post` and `smtplib`.
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


def _post(url: str, content: dict[str, Any]) -> None:
    post(url, json.dumps(content).encode(), {"Content-Type": "application/json"})


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
        _post(self.url, message.to_json())


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
        if not is_safe_address(url):
            raise UnusableError(f"what {self.variable} holds is no https address")
        text = f"*{subject_of(message)}*\n{message.text()}"
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
        mail = plain_mail(str(self.params.sender), self.params.to, subject_of(message), f"{message.text()}\n")
        with connected(str(self.params.host), self.params.port, self.params.security) as server:
            if self.params.user:
                server.login(self.params.user, password)
            if server.send_message(mail):
                raise OSError("a recipient was refused")


def _secret(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise UnusableError(f"the environment variable {variable} is not set")
    return value
