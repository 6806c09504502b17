"""Pictures from outside: opened with suspicion, kept as plain RGB without metadata."""

import hashlib
import os
import stat
import struct
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from siu.data.png_chunks import is_png, without_harmless_chunks
from siu.errors import InputError
from siu.storage.durable import replace_bytes

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
HEIF = "HEIF"
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
AVIF_BRANDS = frozenset({b"avif", b"avis"})
"""How such files begin, after the word ``ftyp`` (ISO 23008-12)."""
MAX_BYTES = 50_000_000
MAX_PIXELS = 50_000_000  # below Pillow's own limit, so that a bomb is refused before it is decoded
MIN_SIDE = 8
BROKEN = "E-IMG-007"
MAX_SIDE_RATIO = 20

_DECODER_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    SyntaxError,  # what Pillow's PNG plugin raises for a broken file
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    MemoryError,
    RuntimeError,  # what AVIF's decoder raises
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,  # where the caller turns warnings into errors
)


def load_image(path: Path) -> Image.Image:
    """Return a picture as RGB: one frame, fully decoded, upright, transparency on white, no metadata.

    The format is judged by content, not by the file's ending. Bytes after the picture are dropped, and so
    are the previews that a phone's JPEG holds beside it.

    Raises:
        InputError: ``E-IMG-001`` no regular file, ``002`` empty, ``003`` too large, ``004`` not a JPEG, PNG,
            WebP, HEIC or AVIF, ``005`` odd size, ``006`` several frames, ``007`` broken or truncated.
    """
    where, data = str(path), _read(path)
    if not is_png(data):
        return _decoded(data, where)
    try:
        return _decoded(without_harmless_chunks(data, texts=True), where)
    except InputError as error:
        if error.code != BROKEN:
            raise
        return _decoded(without_harmless_chunks(data, texts=False), where)


def _decoded(data: bytes, where: str) -> Image.Image:
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    formats = (*FORMATS, _heif()) if brand in HEIF_BRANDS else FORMATS
    try:
        with Image.open(BytesIO(data), formats=formats) as opened:
            _check_size(opened.size, where)
            if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
                raise InputError("E-IMG-006", "the file holds several pictures", "Save one of them", where)
            opened.load()  # verify() would let a truncated JPEG pass
            return _plain_rgb(ImageOps.exif_transpose(opened))
    except InputError:
        raise
    except UnidentifiedImageError:
        if is_png(data) or brand in HEIF_BRANDS | AVIF_BRANDS:
            raise _broken("UnidentifiedImageError", where) from None
        what = "the file is not a JPEG, PNG, WebP, HEIC or AVIF picture"
        raise InputError("E-IMG-004", what, "Save it as one of these", where) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(where) from None
    except _DECODER_ERRORS as error:
        raise _broken(type(error).__name__, where) from None


def _broken(why: str, where: str) -> InputError:
    return InputError(
        BROKEN, f"the picture is broken or truncated ({why})", "Save it anew from the original", where
    )


@cache
def _heif() -> str:
    """Teach Pillow the format of phones and return its name; loaded for the first such picture only."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return HEIF


def image_digest(image: Image.Image) -> str:
    """Return the sha256 of an RGB picture's size and pixels, blind to its file's format and metadata."""
    return hashlib.sha256(f"{image.width}x{image.height}:".encode() + image.tobytes()).hexdigest()


def is_constant(image: Image.Image) -> bool:
    """Tell whether an RGB picture shows one colour only."""
    return all(low == high for low, high in (band.getextrema() for band in image.split()))


def save_clean_png(image: Image.Image, path: Path) -> None:
    """Write an RGB picture as PNG without metadata; equal pixels give equal bytes with one Pillow."""
    _save_png(image, path)


def keep_clean_png(image: Image.Image, path: Path) -> None:
    """Do the same for a picture that is to stay: as a whole or not at all, and brought to disk.

    Raises:
        OSError: The disk is full or failed; no part of the file is there.
    """
    buffer = BytesIO()
    _save_png(image, buffer)
    replace_bytes(path, buffer.getvalue())


def clean_png_digest(image: Image.Image) -> str:
    """Return the sha256 of the file that `save_clean_png` writes; a collection knows its pictures by it."""
    buffer = BytesIO()
    _save_png(image, buffer)
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def _save_png(image: Image.Image, file: Path | BytesIO) -> None:
    _without_info(image).save(file, format="PNG", compress_level=6)


def _read(path: Path) -> bytes:
    """Return a regular file's bytes; never hangs on a pipe or a device."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "bad file name"
        raise InputError(
            "E-IMG-001",
            f"the picture can't be read ({reason})",
            "Check the file name and its rights",
            str(path),
        ) from None
    try:
        _check_file(os.fstat(handle), str(path))
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(handle)


def _check_file(status: os.stat_result, where: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError("E-IMG-001", "the picture is not a regular file", "Name a picture file", where)
    if status.st_size == 0:
        raise InputError("E-IMG-002", "the picture file is empty", "Copy it again", where)
    if status.st_size > MAX_BYTES:
        what = f"the file has {status.st_size} bytes, more than {MAX_BYTES}"
        raise InputError("E-IMG-003", what, "Save it smaller", where)


def _check_size(size: tuple[int, int], where: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(where)
    if min(size) < MIN_SIDE or max(size) > MAX_SIDE_RATIO * min(size):
        raise InputError(
            "E-IMG-005",
            f"the picture has the odd size {width}×{height}",
            f"Use {MIN_SIDE} pixels a side or more, at most {MAX_SIDE_RATIO} times as long as wide",
            where,
        )


def _too_many_pixels(where: str) -> InputError:
    return InputError("E-IMG-005", f"the picture has more than {MAX_PIXELS} pixels", "Save it smaller", where)


def _plain_rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return _without_info(Image.alpha_composite(ground, layer).convert("RGB"))
    if image.mode.startswith("I"):  # 16 bits per pixel: convert() would clip instead of scale
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return _without_info(image.convert("RGB"))


def _without_info(image: Image.Image) -> Image.Image:
    """Return the bare pixels: a picture's ``info`` may hold comments, profiles and positions."""
    return Image.frombytes("RGB", image.size, image.tobytes())
