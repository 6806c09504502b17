"""A checkpoint stamped by a time-stamp authority (RFC 3161): asked, answered, and verified by openssl."""

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from siu.audit.checkpoints import read_checkpoint_file
from siu.audit.ledger import Ledger
from siu.errors import InputError, StateError
from siu.storage.durable import replace_bytes
from siu.storage.private import for_others
from siu.storage.workspace import Workspace
from tasks.http_post import PostError, post

STAMPED = "checkpoint_stamped"
QUERY, REPLY = ".tsq", ".tsr"
TYPES = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
TIMEOUT_SECONDS, LARGEST = 30.0, 1_000_000
_TIME = re.compile(r"^Time stamp: (.+)$", re.MULTILINE)


def ask_for_stamp(checkpoint: Path) -> Path:
    """Write the query about a checkpoint's file beside it and return it; the digest alone goes out.

    Raises:
        StateError: ``E-LED-027`` openssl is missing.
    """
    query = checkpoint.with_suffix(QUERY)
    with for_others():
        _openssl("-query", "-data", str(checkpoint), "-sha256", "-cert", "-out", str(query))
    return query


def fetch_stamp(query: Path, url: str) -> Path:
    """Send a query to an authority; write its reply beside the query and return it.

    Args:
        query: What `ask_for_stamp` has written.
        url: ``https``, or ``http``: what is sent is no secret, and a reply is signed.

    Raises:
        InputError: ``E-LED-027`` the address is none.
        StateError: ``E-LED-027`` the authority doesn't answer, sends elsewhere, or answers too much.
    """
    host = _host(url)
    try:
        content = post(url, query.read_bytes(), TYPES, largest=LARGEST, timeout=TIMEOUT_SECONDS)
    except PostError as error:
        what = f"the authority doesn't answer as it must ({error})"
        raise _no_stamp(what, "Try again, or send the query yourself", host) from None
    reply = query.with_suffix(REPLY)
    with for_others():
        replace_bytes(reply, content)
    return reply


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:  # an odd port, brackets that are not closed
        parts, is_address = urlsplit(""), False
    if not is_address or parts.username or not url.isprintable() or " " in url:
        what = f"{url[:80]!r} is no address of an authority"
        raise InputError("E-LED-027", what, "Write https://host/path")
    return str(parts.hostname)


def check_stamp(checkpoint: Path, reply: Path, authority: Path) -> str:
    """Return the time that an authority has put to a checkpoint's file.

    Where the query lies beside the file, the reply must answer that one: it repeats its random number.

    Args:
        checkpoint: The file that was stamped.
        reply: The authority's reply.
        authority: Certificates that are trusted, as PEM.

    Raises:
        StateError: ``E-LED-027`` the reply is about something else, or signed by nobody who is trusted.
    """
    trusted = ("-in", str(reply), "-CAfile", str(authority))
    _openssl("-verify", "-data", str(checkpoint), *trusted)
    query = checkpoint.with_suffix(QUERY)
    if query.is_file():
        _openssl("-verify", "-queryfile", str(query), *trusted)
    time = _TIME.search(_openssl("-reply", "-in", str(reply), "-text"))
    if time is None:
        raise _no_stamp("the reply tells no time", "Ask for another one", str(reply))
    return time[1]


def note_stamp(workspace: Workspace, checkpoint: Path, reply: Path, time: str) -> None:
    """Write into the ledger that a checkpoint was stamped: its size, the reply's digest, the time."""
    size = read_checkpoint_file(checkpoint).size
    data = {"size": size, "reply": sha256(reply.read_bytes()).hexdigest(), "time": time}
    Ledger(workspace.ledger).append(STAMPED, "", data)


def _openssl(*words: str) -> str:
    program = shutil.which("openssl")
    if program is None:
        raise _no_stamp("openssl is not installed", "Install it: it makes and checks time stamps", "openssl")
    try:
        done = subprocess.run(
            [program, "ts", *words], capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        what = f"openssl ts {words[0]} has not ended in {TIMEOUT_SECONDS:.0f} s"
        raise _no_stamp(what, "Look at file, reply and authority", words[2]) from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        raise _no_stamp(
            f"openssl ts {words[0]}: {reason[-200:]}", "Look at file, reply and authority", words[2]
        )
    return done.stdout


def _no_stamp(what: str, remedy: str, where: str) -> StateError:
    return StateError("E-LED-027", what, remedy, where)
