"""What of ``params.yaml`` says who is told of what; secrets are named here, never written."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siu.config.section import LOOPBACK, CountFromZero, Positive, Section, WebhookUrl

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,99}$")]
"""Name of an environment variable that holds a secret."""
MailAddress = Annotated[str, Field(pattern=r"^[^\s<>@,;]{1,64}@[^\s<>@,;]{1,250}$")]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]


class MailParams(Section):
    """Messages as e-mail, through a mail server (SMTP)."""

    host: Host | None = None
    """The mail server; null sends no mail."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port: 587 for ``starttls``, 465 for ``tls``."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the way there is encrypted; ``none`` only for a server on this machine."""
    sender: MailAddress | None = None
    """Address that messages come from."""
    to: tuple[MailAddress, ...] = ()
    """Addresses that get messages."""
    user: str | None = None
    """Name to log in with; null for no login."""
    password_env: EnvironmentName = "SIU_MAIL_PASSWORD"  # nosec B105  # a name
    """Environment variable that holds the password."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.host is None:
            return self
        if self.sender is None or not self.to:
            raise ValueError(
                "notify.mail.host is set without an address; set notify.mail.sender and notify.mail.to"
            )
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(
                "notify.mail would be sent unencrypted; set notify.mail.security to starttls or tls"
            )
        return self


class NotifyParams(Section):
    """Who is told when a batch ends; messages hold ids, counts and verdicts, no names."""

    webhook: WebhookUrl | None = None
    """Address that gets a message as JSON for each thing that happened (docs/how-to/run-as-a-service.md)."""
    slack_env: EnvironmentName | None = None
    """Environment variable that holds the address of a Slack incoming webhook."""
    mail: MailParams = MailParams()
    """Messages as e-mail."""
    days_before: CountFromZero | None = None
    """So many days before its due day a request is told of; null for ``policy.warn_days``."""
    retries: CountFromZero = 3
    """How often a message that could not be delivered is sent again."""
    wait_seconds: Positive = 2.0
    """Wait before it is sent again; twice as long each time."""
