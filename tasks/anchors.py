"""The newest checkpoint sent to where others keep it: a file, a tag of git, a letter, a webhook.

Whoever keeps one can show later that what it covers was changed. The ledger says how it was sent alone.
"""

import os
import smtplib
import subprocess
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

from siu.audit.ledger import Ledger
from siu.audit.note import Checkpoint
from siu.config.notify import NotifyParams
from siu.config.section import LOOPBACK
from siu.errors import InputError, StateError
from siu.storage.durable import replace_bytes, replace_text
from siu.storage.workspace import Workspace
from tasks.channels import Webhook
from tasks.git import git
from tasks.mail_connection import Security, connected
from tasks.notify import send_by

SENT = "checkpoint_sent"
TAG = "siu/checkpoint-{size}"
LETTER = """\
This is a signed checkpoint of the ledger {origin}, over its first {size} entries.

Please keep this message. If you ever want to know whether the ledger was rewritten, save the text between
the lines as a file and run: siu verify --offline FOLDER --checkpoint FILE

-----
{text}-----
"""


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
    known = _git(workspace, "for-each-ref", "--format=%(contents)", f"refs/tags/{name}")
    if known.strip() != str(checkpoint).strip():
        if known.strip():
            raise _not_sent(f"the tag {name} is there and says something else", "Look at `git show`", name)
        author = ("-c", "user.name=siu", "-c", "user.email=siu@localhost")
        options = ("--annotate", "--cleanup=verbatim", "--file=-")
        _git(workspace, *author, "tag", *options, name, text=str(checkpoint))
    if remote:
        _git(workspace, "push", "--quiet", "--", remote, f"refs/tags/{name}")
    return name


def letter(checkpoint: Checkpoint, sender: str, recipient: str) -> EmailMessage:
    """Return the checkpoint as a letter that says what it is for.

    Raises:
        InputError: ``E-LED-026`` an address is none.
    """
    message = EmailMessage(policy=SMTP)
    try:
        for address in (sender, recipient):
            if address.count("@") != 1 or not address.isprintable() or " " in address:
                raise ValueError(address)
        message["From"], message["To"] = sender, recipient
    except ValueError:
        what = f"{address[:60]!r} is no address of a letter"
        raise InputError("E-LED-026", what, "Write it as name@example.org") from None
    message["Subject"] = f"Checkpoint of {checkpoint.size} entries of {checkpoint.origin}"
    text = LETTER.format(origin=checkpoint.origin, size=checkpoint.size, text=checkpoint)
    message.set_content(text, cte="base64")  # its lines must arrive as they are
    return message


def to_letter_file(message: EmailMessage, file: Path) -> None:
    """Write a letter as an ``.eml`` file, which any mail program opens."""
    replace_bytes(file, message.as_bytes())


def to_smtp(message: EmailMessage, variable: str) -> None:
    """Send a letter through the server that an environment variable names.

    Args:
        message: The letter.
        variable: Its value is ``smtps://user:password@host:port``, or ``smtp://…`` with STARTTLS; without
            encryption on this machine only.

    Raises:
        InputError: ``E-LED-026`` the variable holds no such address.
        StateError: ``E-LED-026`` the server doesn't take the letter.
    """
    address = urlsplit(os.environ.get(variable, ""))
    if address.scheme not in ("smtp", "smtps") or not address.hostname:
        what = f"the variable {variable} names no server"
        raise InputError("E-LED-026", what, "Set it to smtps://user:password@host:port")
    plain: Security = "none" if address.hostname in LOOPBACK else "starttls"
    security: Security = "tls" if address.scheme == "smtps" else plain
    try:
        with connected(address.hostname, address.port or 0, security) as server:
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        what = f"the server didn't take the letter ({type(error).__name__})"
        raise _not_sent(what, f"Look at the server that {variable} names", variable) from None


def to_webhook(checkpoint: Checkpoint, params: NotifyParams) -> None:
    """Send a checkpoint to ``notify.webhook``.

    Raises:
        InputError: ``E-LED-026`` there is none.
        StateError: ``E-LED-026`` it could not be delivered.
    """
    if params.webhook is None:
        raise InputError("E-LED-026", "notify.webhook is not set", "Set it in params.yaml")
    message = {"event": "checkpoint", "size": checkpoint.size, "checkpoint": str(checkpoint)}
    if problem := send_by(Webhook(params.webhook), [message], params):
        raise _not_sent(problem, "Look at what serves it, and send the checkpoint again", "notify.webhook")


def _git(workspace: Workspace, *words: str, text: str = "") -> str:
    try:
        return git(workspace.root, *words, text=text)
    except FileNotFoundError:
        raise _not_sent("git is not installed", "Install it, or send it otherwise", "git") from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["git failed"])[-1]
        raise _not_sent(f"git: {reason[:200]}", "Mend that, or send it otherwise", words[-1]) from None


def _not_sent(what: str, remedy: str, where: str) -> StateError:
    return StateError("E-LED-026", what, remedy, where)
