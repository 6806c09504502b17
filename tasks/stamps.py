"""A checkpoint stamped by a time-stamp authority (RFC 3161): asked, answered, and verified by openssl."""

import re
import shutil
import subprocess
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from siu.audit.checkpoints import read_checkpoint_file
from siu.audit.ledger import Ledger
from siu.errors import InputError, StateError
from siu.storage.durable import replace_bytes
from siu.storage.workspace import Workspace

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
    _openssl("-query", "-data", str(checkpoint), "-sha256", "-cert", "-out", str(query))
    return query


def fetch_stamp(query: Path, url: str) -> Path:
    """Send a query to an authority; write its reply beside the query and return it.

    Args:
        query: What `ask_for_stamp` has written.
        url: ``https``, or ``http``: what is sent is no secret, and a reply is signed.

    Raises:
        InputError: ``E-LED-027`` the address is none.
        StateError: ``E-LED-027`` the authority doesn't answer.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise InputError(
            "E-LED-027", f"{url[:80]!r} is no address of an authority", "Write https://host/path"
        )
    request = Request(url, data=query.read_bytes(), headers=TYPES)
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # nosec B310: the scheme is checked above
            content = answer.read(LARGEST)
    except (URLError, HTTPException, OSError) as error:
        what = f"the authority doesn't answer ({type(error).__name__})"
        raise _no_stamp(what, "Try again, or send the query yourself", parts.hostname) from None
    reply = query.with_suffix(REPLY)
    replace_bytes(reply, content)
    return reply


def check_stamp(checkpoint: Path, reply: Path, authority: Path) -> str:
    """Return the time that an authority has put to a checkpoint's file.

    Args:
        checkpoint: The file that was stamped.
        reply: The authority's reply.
        authority: Certificates that are trusted, as PEM.

    Raises:
        StateError: ``E-LED-027`` the reply is about something else, or signed by nobody who is trusted.
    """
    words = ("-verify", "-data", str(checkpoint), "-in", str(reply), "-CAfile", str(authority))
    _openssl(*words)
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
    done = subprocess.run([program, "ts", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        raise _no_stamp(
            f"openssl ts {words[0]}: {reason[-200:]}", "Look at file, reply and authority", words[2]
        )
    return done.stdout


def _no_stamp(what: str, remedy: str, where: str) -> StateError:
    return StateError("E-LED-027", what, remedy, where)
