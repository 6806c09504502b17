"""The newest checkpoint sent to where others keep it: a file, a tag of git, an e-mail, a webhook.

Whoever keeps one can show later that what it covers was changed. The ledger says how it was sent alone.
"""

import os
import smtplib
import subprocess
from collections.abc import Callable, Iterable, Sequence
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from siu.audit.ledger import Ledger
from siu.audit.note import Checkpoint
from siu.config.notify import NotifyParams
from siu.config.section import LOOPBACK
from siu.errors import InputError, StateError
from siu.storage.durable import replace_bytes, replace_text
from siu.storage.private import for_others
from siu.storage.workspace import Workspace
from tasks.channels import Webhook
from tasks.git import AUTHOR, git, push
from tasks.mail import Security, connected, plain_mail
from tasks.messages import CheckpointSent
from tasks.notify import send_by

SENT = "checkpoint_sent"
TAG = "siu/checkpoint-{size}"
MAIL_TEXT = """\
This is a signed checkpoint of the ledger {origin}, over its first {size} entries.

Please keep this message. If you ever want to know whether the ledger was rewritten, save the text between
the lines as a file and run: siu verify --offline FOLDER --checkpoint FILE

-----
{text}-----
"""


def send(
    workspace: Workspace, checkpoint: Checkpoint, ways: Iterable[tuple[str, Callable[[], object]]]
) -> list[str]:
    """Send a checkpoint in several ways; the ledger says of each one that it went, also if a later one fails.

    Args:
        workspace: Where; the caller holds its batch lock.
        checkpoint: What is sent.
        ways: The word for each, and what sends it.

    Returns:
        The words.

    Raises:
        SiuError: A way failed; those behind it were not tried.
    """
    sent: list[str] = []
    try:
        for way, deliver in ways:
            deliver()
            sent.append(way)
    finally:
        if sent:
            note_sent(workspace, checkpoint, sent)
    return sent


def note_sent(workspace: Workspace, checkpoint: Checkpoint, ways: Sequence[str]) -> None:
    """Write into the ledger that a checkpoint was sent, and in which ways."""
    Ledger(workspace.ledger).append(SENT, "", {"size": checkpoint.size, "ways": sorted(ways)})


def to_file(checkpoint: Checkpoint, place: Path) -> Path:
    """Write a checkpoint to a file, or under its size into a folder; return the file.

    Raises:
        StateError: ``E-LED-026`` it can't be written.
    """
    file = place / f"checkpoint-{checkpoint.size}.txt" if place.is_dir() else place
    try:
        with for_others():
            replace_text(file, str(checkpoint))
    except OSError as error:
        what = f"the checkpoint can't be written ({type(error).__name__})"
        raise _not_sent(what, "Name a file or a folder that is there", str(file)) from None
    return file


def to_tag(workspace: Workspace, checkpoint: Checkpoint, remote: str = "") -> str:
    """Make an annotated tag of the workspace's repository whose message is the checkpoint; return its name.

    Args:
        workspace: Where.
        checkpoint: What is sent.
        remote: Where the tag is pushed; empty to leave that to others.

    Raises:
        StateError: ``E-LED-026`` there is no repository with a commit, or the push failed.
    """
    name = TAG.format(size=checkpoint.size)
    reference = f"refs/tags/{name}"
    known = _git(lambda: git(workspace.root, "for-each-ref", "--format=%(contents)", reference), name)
    if known.strip() != str(checkpoint).strip():
        if known.strip():
            raise _not_sent(f"the tag {name} is there and says something else", "Look at `git show`", name)
        words = (*AUTHOR, "tag", "--annotate", "--cleanup=verbatim", "--file=-", name)
        _git(lambda: git(workspace.root, *words, text=str(checkpoint)), name)
    if remote:
        _git(lambda: push(workspace.root, remote, reference), name)
    return name


def checkpoint_mail(checkpoint: Checkpoint, sender: str, recipient: str) -> EmailMessage:
    """Return the checkpoint as an e-mail that says what it is for.

    Raises:
        InputError: ``E-LED-026`` an address is none.
    """
    for address in (sender, recipient):
        if address.count("@") != 1 or not address.isprintable() or " " in address:
            raise _no_address(address)
    text = MAIL_TEXT.format(origin=checkpoint.origin, size=checkpoint.size, text=checkpoint)
    subject = f"Checkpoint of {checkpoint.size} entries of {checkpoint.origin}"
    try:
        return plain_mail(sender, (recipient,), subject, text, cte="base64")  # its lines arrive as they are
    except ValueError:
        raise _no_address(f"{sender}, {recipient}") from None


def _no_address(address: str) -> InputError:
    what = f"{address[:60]!r} is no e-mail address"
    return InputError("E-LED-026", what, "Write it as name@example.org")


def to_mail_file(message: EmailMessage, file: Path) -> Path:
    """Write an e-mail as an ``.eml`` file, which any mail program opens; return the file.

    Raises:
        StateError: ``E-LED-026`` it can't be written.
    """
    try:
        with for_others():
            replace_bytes(file, message.as_bytes())
    except OSError as error:
        what = f"the e-mail can't be written ({type(error).__name__})"
        raise _not_sent(what, "Name a file in a folder that is there", str(file)) from None
    return file


def to_smtp(message: EmailMessage, variable: str) -> None:
    """Send an e-mail through the server that an environment variable names.

    Args:
        message: The e-mail.
        variable: Its value is ``smtps://user:password@host:port``, or ``smtp://…`` with STARTTLS; without
            encryption on this machine only.

    Raises:
        InputError: ``E-LED-026`` the variable holds no such address.
        StateError: ``E-LED-026`` the server doesn't take the e-mail.
    """
    address = _server_of(variable)
    host = str(address.hostname)
    plain: Security = "none" if host in LOOPBACK else "starttls"
    security: Security = "tls" if address.scheme == "smtps" else plain
    try:
        with connected(host, address.port or 0, security) as server:
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        what = f"the server didn't take the e-mail ({type(error).__name__})"
        raise _not_sent(what, f"Look at the server that {variable} names", variable) from None


def _server_of(variable: str) -> SplitResult:
    try:
        address = urlsplit(os.environ.get(variable, ""))
        is_server = address.scheme in ("smtp", "smtps") and address.hostname and address.port != 0
    except ValueError:  # an odd port, brackets that are not closed
        address, is_server = urlsplit(""), False
    if not is_server:
        what = f"the variable {variable} names no server"
        raise InputError("E-LED-026", what, "Set it to smtps://user:password@host:port")
    return address


def to_webhook(checkpoint: Checkpoint, params: NotifyParams) -> None:
    """Send a checkpoint to ``notify.webhook``.

    Raises:
        InputError: ``E-LED-026`` there is none.
        StateError: ``E-LED-026`` it could not be delivered.
    """
    if params.webhook is None:
        raise InputError("E-LED-026", "notify.webhook is not set", "Set it in params.yaml")
    message = CheckpointSent(checkpoint.size, str(checkpoint))
    if problem := send_by(Webhook(params.webhook), [message], params):
        raise _not_sent(problem, "Look at what serves it, and send the checkpoint again", "notify.webhook")


def _git(run: Callable[[], str | None], name: str) -> str:
    try:
        return run() or ""
    except FileNotFoundError:
        raise _not_sent("git is not installed", "Install it, or send it otherwise", "git") from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["git failed"])[-1]
        raise _not_sent(f"git: {reason[:200]}", "Mend that, or send it otherwise", name) from None
    except subprocess.TimeoutExpired as error:
        what = f"git has not ended in {error.timeout:.0f} s"
        raise _not_sent(what, "See whether the remote can be reached, or send it otherwise", name) from None


def _not_sent(what: str, remedy: str, where: str) -> StateError:
    return StateError("E-LED-026", what, remedy, where)
