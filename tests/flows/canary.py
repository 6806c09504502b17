"""A canary: its name and picture looked for in every file below a folder, in whatever form."""

import base64
import gzip
import html
import io
import itertools
import json
import random
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from PIL import Image

NAME = "Zyxa Quíllfeather"
ALIAS = "Zyx Ænderling"
WORDS = ("Quíllfeather", "Ænderling")
"""One word of each is enough: no other text here has it."""
SIDE, NEAR = 8, 24.0
ENLARGED = 8
"""So that a lossy encoding leaves of each of its tones what can be told."""
EMBEDDED = re.compile(rb"[A-Za-z0-9+/]{200,}={0,2}")


def draw(path: Path) -> Path:
    """Draw a picture that resembles no other."""
    noise = random.Random(5).randbytes(SIDE * SIDE * 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    size = (SIDE * ENLARGED, SIDE * ENLARGED)
    Image.frombytes("RGB", (SIDE, SIDE), noise).resize(size, Image.Resampling.NEAREST).save(path)
    return path


def forms_of_word(word: str) -> list[bytes]:
    texts = [word, word.lower(), word.upper()]
    escaped = [json.dumps(word)[1:-1], quote(word), html.escape(word), word.encode("unicode_escape").decode()]
    escaped += ["".join(f"\\u{ord(letter):04x}" for letter in word)]
    escaped += ["".join(f"&#{ord(letter)};" for letter in word)]
    plain = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be", "cp1252")]
    return [*(text.encode() for text in escaped), *(form for text in plain for form in encoded(text))]


def encoded(data: bytes) -> list[bytes]:
    """Return bytes as they are, in hex, and in both alphabets of base64 at any offset."""
    forms = [data, data.hex().encode(), data.hex().upper().encode()]
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * offset + data).rstrip(b"=")
            forms.append(text[4:-2] if offset else text[:-2])
    return forms


def contents(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, what is packed in them, and the values of a database."""
    content = path.read_bytes()
    yield content + str(path).encode()
    for unpack in (gzip.decompress, zlib.decompress):
        with suppress(OSError, zlib.error, EOFError):
            yield unpack(content)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    if content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as database:
            yield "\n".join(database.iterdump()).encode(errors="surrogateescape")


def shows_picture(content: bytes, canary: Image.Image) -> bool:
    """Return whether a file is, or embeds, a picture that looks like the canary's, however it is encoded."""
    blobs = [content]
    for match in EMBEDDED.findall(content):
        with suppress(ValueError):
            blobs.append(base64.b64decode(match + b"=" * (-len(match) % 4)))
    return any(_resembles(blob, canary) for blob in blobs)


def places(root: Path, words: tuple[str, ...] = WORDS, picture: Path | None = None) -> list[str]:
    """Return the files below a folder that show a word, or a picture, in any form."""
    needles = [needle for word in words for needle in forms_of_word(word)]
    canary = None
    if picture is not None:
        canary = Image.open(picture).convert("RGB")
        needles += encoded(picture.read_bytes()[33:-12])  # its pixels: all pictures share head and end
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and any(
            any(needle in content for needle in needles)
            or (canary is not None and shows_picture(content, canary))
            for content in contents(path)
        )
    ]


def _resembles(blob: bytes, canary: Image.Image) -> bool:
    """Return whether a picture, or a tile of it, looks like the canary's or like the middle of that."""
    if not blob.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")):
        return False
    try:
        image = Image.open(io.BytesIO(blob)).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return False
    middle = canary.crop((canary.width // 4, 0, canary.width * 3 // 4, canary.height))
    shapes = [_small(canary), _small(middle)]  # the middle: a half of two people in one picture
    return any(_distance(_small(tile), shape) < NEAR for tile in _tiles(image) for shape in shapes)


def _tiles(image: Image.Image) -> Iterator[Image.Image]:
    """Yield a picture, and its parts in grids of up to three by three."""
    for columns, rows in itertools.product((1, 2, 3), repeat=2):
        width, height = image.width / columns, image.height / rows
        if min(width, height) >= 1:
            for column, row in itertools.product(range(columns), range(rows)):
                box = (column * width, row * height, (column + 1) * width, (row + 1) * height)
                yield image.crop(tuple(map(round, box)))


def _small(image: Image.Image) -> bytes:
    return image.resize((SIDE, SIDE), Image.Resampling.BOX).tobytes()


def _distance(left: bytes, right: bytes) -> float:
    return sum(abs(one - other) for one, other in zip(left, right, strict=True)) / len(right)
