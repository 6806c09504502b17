"""Mail: an e-mail of plain text, and a connection that is encrypted, or plain on this machine."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Literal

TIMEOUT_SECONDS = 10.0
Security = Literal["starttls", "tls", "none"]


def plain_mail(
    sender: str, to: Sequence[str], subject: str, text: str, cte: str | None = None
) -> EmailMessage:
    """Return an e-mail of plain text, written by a program.

    Args:
        sender: Address.
        to: Addresses.
        subject: One line.
        text: The lines.
        cte: How the text is encoded on its way, such as ``base64``; None for what suits it.

    Raises:
        ValueError: An address or the subject can't stand in a header.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"], mail["From"], mail["To"] = subject, sender, ", ".join(to)
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte=cte)
    return mail


def connected(host: str, port: int, security: Security) -> smtplib.SMTP:
    """Return a connection, before any log-in.

    Args:
        host: The server.
        port: Its port; 0 for the usual one.
        security: How the way there is encrypted.

    Raises:
        OSError: There is no such server, or its certificate isn't trusted.
        smtplib.SMTPException: It speaks otherwise than it must.
    """
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except Exception:
            server.close()
            raise
    return server
