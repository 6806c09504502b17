"""What shows in a file that somebody's name or picture is in it, in whatever form programs write it.

A purge looks for these bytes: text in UTF-8 and UTF-16, as it is and escaped for JSON, HTML and addresses,
each of them also in hex and base64.
"""

import base64
import html
import json
import mmap
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST, SHORTEST_ENCODED = 4, 8
"""Bytes below which a form stands everywhere by chance."""
PART = 3000
"""Bytes of a picture that are looked for; its head and end are those of many pictures."""
HEAD, END = 33, 12


def traces_of_name(name: str) -> tuple[bytes, ...]:
    """Return the forms in which a name may stand in a file; none for one of fewer than four bytes."""
    texts = dict.fromkeys(
        form
        for composed in (name, unicodedata.normalize("NFD", name))
        for form in (composed, composed.lower(), composed.upper(), composed.casefold())
    )
    written: dict[bytes, None] = {}
    for text in texts:
        plain = (
            text,
            html.escape(text),
            quote(text),
            quote_plus(text),
            json.dumps(text)[1:-1],
            "".join(f"\\u{ord(letter):04x}" for letter in text),
            "".join(f"&#{ord(letter)};" for letter in text),
        )
        written |= dict.fromkeys(form.encode() for form in plain)
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            written |= dict.fromkeys(_encoded(text.encode(encoding)))
    return tuple(form for form in written if len(form) >= SHORTEST)


def traces_of_picture(content: bytes) -> tuple[bytes, ...]:
    """Return the forms in which the bytes of a picture's file may stand in another one."""
    inner = content[HEAD:-END]
    start = max(0, (len(inner) - PART) // 2)
    return tuple(dict.fromkeys(_encoded(inner[start : start + PART]))) if len(inner) > END else ()


def shows(path: Path, traces: Sequence[bytes]) -> bool:
    """Return whether a file's name or content has one of some traces; a link's target is not read."""
    if not traces:
        return False
    name = path.name.encode(errors="surrogateescape")
    if any(trace in name for trace in traces):
        return True
    if path.is_symlink() or not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(trace) >= 0 for trace in traces)


def files_with(traces: Sequence[bytes], places: Iterable[Path]) -> list[Path]:
    """Return the files at or below some places that show one of some traces, in order."""
    files = {
        file
        for place in places
        for file in (place.rglob("*") if place.is_dir() and not place.is_symlink() else [place])
        if file.is_symlink() or file.is_file()
    }
    return sorted(file for file in files if shows(file, traces))


def _encoded(data: bytes) -> list[bytes]:
    """Return bytes as they are, in hex and in base64, wherever they begin in the text that is encoded."""
    forms = [data.hex().encode(), data.hex().upper().encode()]
    for offset in range(3):
        padded = b"\0" * offset + data
        whole = len(padded) // 3 * 3
        text = base64.b64encode(padded[:whole])
        forms += [text[4:] if offset else text, base64.urlsafe_b64encode(padded[:whole])[4 * bool(offset) :]]
    return [data, *(form for form in forms if len(form) >= SHORTEST_ENCODED)]
