"""A real mail server of this machine, with log-in and encryption, that keeps what it gets."""

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer:
    """Speaks as much of SMTP as `smtplib` needs.

    Attributes:
        port: Where, on loopback.
        mails: What came in, each with its recipients.
        logins: User and password of each log-in.
        refusals: So many deliveries are refused for now.
        knows_recipients: Whether it has those that mails are for.
    """

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.context, self.port, self.refusals, self.knows_recipients = context, 0, 0, True
        self.mails: list[tuple[list[str], str]] = []
        self.logins: list[tuple[str, str]] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it says no more, and close the connection whatever happened."""
        with suppress(OSError):  # a client that trusts nobody hangs up, and so it shall
            await self._answer(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                more = "" if writer.get_extra_info("ssl_object") or not self.context else "250-STARTTLS\r\n"
                writer.write(f"250-here\r\n{more}250 AUTH PLAIN\r\n".encode())
            elif verb == "STARTTLS":
                writer.write(b"220 go on\r\n")
                await writer.drain()
                await writer.start_tls(self.context)
            elif verb == "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                self.logins.append((user, password))
                writer.write(b"235 welcome\r\n" if password == "right" else b"535 no\r\n")
            elif verb == "RCPT" and not self.knows_recipients:
                writer.write(b"550 nobody of that name\r\n")
            elif verb == "RCPT":
                recipients.append(line.partition(":")[2].strip("<>"))
                writer.write(b"250 ok\r\n")
            elif verb == "DATA" and self.refusals:
                self.refusals -= 1
                writer.write(b"451 later\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                text = (await reader.readuntil(b"\r\n.\r\n")).decode()
                self.mails.append((recipients, text))
                writer.write(b"250 kept\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
            await writer.drain()


async def _end(listening: asyncio.Server) -> None:
    """Close the door, and let those that are inside go."""
    listening.close()
    if talks := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(talks, timeout=10)


@contextmanager
def mail_server(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Run a mail server in a thread."""
    server, loop = MailServer(context), asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(server.talk, "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server
    asyncio.run_coroutine_threadsafe(_end(listening), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Write a certificate of this machine; return it with a server's context that has its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, private = folder / "server.pem", folder / "server.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)
    return file, context
