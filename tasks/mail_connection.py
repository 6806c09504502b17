"""A connection to a mail server: encrypted, with a certificate that is trusted, or plain on this machine."""

import smtplib
import ssl
from typing import Literal

TIMEOUT_SECONDS = 10.0
Security = Literal["starttls", "tls", "none"]


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
