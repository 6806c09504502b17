"""PNG files as they are in the wild: what is broken or huge beside the pixels is left out.

A PNG is a signature and chunks, each with a length, a type, its data and a CRC-32 of type and data (PNG
specification, section 5). A type that begins with a small letter is ancillary: without it the picture can
still be shown. A decoder that refuses a picture for its colour profile or its comment refuses too much.
"""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MEANT = frozenset({b"tRNS", b"acTL", b"fcTL", b"fdAT", b"eXIf"})
"""Ancillary chunks that decide what is seen: transparency, several frames, the way up."""
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
"""May hold which way is up, so they stay where they can be read."""


def is_png(data: bytes) -> bool:
    """Tell whether a file begins like a PNG."""
    return data.startswith(SIGNATURE)


def without_harmless_chunks(data: bytes, *, texts: bool) -> bytes:
    """Return a PNG without its colour profile, ancillary chunks whose CRC is wrong, and what comes after it.

    Critical chunks and those of `MEANT` stay as they are, also where they are broken: a decoder must say so.
    A file that is not made of whole chunks is returned from the first bad place on as it is.

    Args:
        data: The file.
        texts: Whether texts stay; they may be too large for a decoder.
    """
    parts = [SIGNATURE]
    end = len(SIGNATURE)
    for start, end, kind, is_sound in _chunks(data):
        is_ancillary = bool(kind[0] & 0x20) and kind not in MEANT
        unwanted = kind == b"iCCP" or not is_sound or (kind in TEXTS and not texts)
        if not (is_ancillary and unwanted):
            parts.append(data[start:end])
        if kind == b"IEND":
            return b"".join(parts)
    return b"".join(parts) + data[end:]


def _chunks(data: bytes) -> Iterator[tuple[int, int, bytes, bool]]:
    """Yield start, end, type and whether the CRC is right, for each whole chunk."""
    start = len(SIGNATURE)
    while start + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, start)
        end = start + 12 + length
        if end > len(data):
            return
        kind = data[start + 4 : start + 8]
        (crc,) = struct.unpack_from(">I", data, end - 4)
        yield start, end, kind, zlib.crc32(data[start + 4 : end - 4]) == crc
        start = end
