"""Who or what writes to the ledger: an actor, the software and the libraries it runs with."""

import getpass
import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version

from siu.storage.digest import value_digest

VARIABLE = "SIU_ACTOR"
"""Environment variable that names the actor, such as a service account; else the login's name is taken."""
_ODD = re.compile(r"[^\w.@/+-]")
LONGEST = 80


@dataclass(frozen=True)
class Author:
    """Who or what acted.

    Attributes:
        actor: Who started the process, and which command it was: ``ada/batch``.
        software: Name and version of what wrote.
        lock: sha256 over name and version of every installed distribution.
    """

    actor: str = ""
    software: str = ""
    lock: str = ""


@cache
def author_here() -> Author:
    """Return the author that this process is; read once."""
    return Author(f"{actor()}/{_command()}", f"siu {_version()}", lock_digest())


@cache
def lock_digest() -> str:
    """Return the digest of what is installed: equal environments have equal ones."""
    there = {
        (str(found.metadata["Name"]).lower().replace("_", "-"), found.version) for found in distributions()
    }
    return value_digest(sorted(map(list, there)))


def actor() -> str:
    """Return who acts: what ``SIU_ACTOR`` names, or the login."""
    try:
        name = os.environ.get(VARIABLE) or getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in many containers
        name = f"uid-{os.getuid()}"
    return _plain(name)


def _command() -> str:
    """Return the command's name without its arguments, which may hold names."""
    words = [word for word in sys.argv[1:2] if re.fullmatch(r"[a-z][a-z-]{0,30}", word)]
    return _plain(words[0]) if words else "python"


def _plain(text: str) -> str:
    return _ODD.sub("-", text)[:LONGEST] or "unknown"


def _version() -> str:
    try:
        return version("siu")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"
