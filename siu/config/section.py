"""What the sections of ``params.yaml`` are made of."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

MAX_COUNT = 1_000_000
"""More of anything is a slip, and would be noticed after days only."""
MAX_PATH = 1000
MAX_PATH_PART = 255  # bytes, in every file system that matters
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _path(text: str) -> str:
    """Refuse what no system takes for a path, or for the name of a model."""
    is_printable = all(character.isprintable() for character in text)
    parts = (len(part.encode(errors="replace")) for part in text.split("/"))
    if not text or len(text) > MAX_PATH or not is_printable or max(parts) > MAX_PATH_PART:
        raise PydanticCustomError("path", "no path")
    return text


def nested_error(key: str, error: ValidationError) -> ValidationError:
    """Return an error of a section's fields as one of the same fields below a key."""
    details = [
        InitErrorDetails(
            type=detail["type"],
            loc=(key, *detail["loc"]),
            input=detail["input"],
            ctx=detail.get("ctx", {}),
        )
        for detail in error.errors()
    ]
    return ValidationError.from_exception_data(error.title, details)


def is_safe_address(url: str) -> bool:
    """Return whether an address can be reached, and what is sent there is read by nobody else on the way."""
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:  # an odd port, brackets that are not closed
        parts, is_address = urlsplit(""), False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return is_address and is_private and not parts.username and not parts.password


def _webhook(url: str) -> str:
    if not is_safe_address(url):
        raise ValueError(
            "no address that a message could be sent to; "
            "write https://host/path (http on this machine only), without user or password"
        )
    return url


def _endpoint(url: str) -> str:
    """Refuse an address that nobody can be reached at, or that would give the key away."""
    if not is_safe_address(url):
        raise ValueError(
            "no address that the judge's key could be sent to; "
            "write https://host/v1 (http on this machine only), without user or password"
        )
    return url


def _backup(text: str) -> str:
    name, separator, days = text.rpartition("=")
    if not separator or not name.strip() or not name.isprintable() or len(name) > 100:
        raise ValueError("no backup; write its name and the days that a set is kept, as nightly=35")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", days, re.ASCII):
        raise ValueError("no days that a backup is kept; write it as nightly=35")
    return text


Rate = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=MAX_COUNT)]
SuffixLength = Annotated[int, Field(ge=1, le=256)]
"""Tokens behind a question: more of them take more memory than a machine has."""
CountFromZero = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Positive = Annotated[float, Field(gt=0)]
PathText = Annotated[str, AfterValidator(_path)]
"""A path, or a name that may be one."""
EndpointUrl = Annotated[str, AfterValidator(_endpoint)]
BackupText = Annotated[str, AfterValidator(_backup)]
"""Name of a backup and the days that a set of it is kept: ``nightly=35``."""
WebhookUrl = Annotated[str, AfterValidator(_webhook)]


class Section(BaseModel):
    """A part of ``params.yaml``: strict, frozen, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
