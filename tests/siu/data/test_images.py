import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin
from pillow_heif import register_heif_opener

from siu.data import images
from siu.data.images import image_digest, is_constant, load_image, save_clean_png
from siu.errors import InputError
from tests.siu.conftest import Draw

register_heif_opener()
NAMES = ["a.png", "a.jpg", "a.webp", "a.heic", "a.avif"]


@pytest.mark.parametrize("name", NAMES)
def test_all_formats_are_read_as_rgb(tmp_path: Path, draw: Draw, name: str) -> None:
    image = load_image(draw(tmp_path / name))
    assert (image.mode, image.size) == ("RGB", (16, 16))


def test_content_decides_not_the_ending(tmp_path: Path, draw: Draw) -> None:
    path = draw(tmp_path / "a.png")
    path = path.rename(tmp_path / "a.txt")
    assert load_image(path).size == (16, 16)


@pytest.mark.parametrize("image_format", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_formats_are_refused_whatever_their_ending(tmp_path: Path, image_format: str) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "a.png", format=image_format)
    with pytest.raises(InputError, match="E-IMG-004"):
        load_image(tmp_path / "a.png")


def test_text_and_empty_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("<svg/>")
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(InputError, match="E-IMG-004"):
        load_image(tmp_path / "a.png")
    with pytest.raises(InputError, match="E-IMG-002"):
        load_image(tmp_path / "b.png")


def test_missing_files_folders_and_pipes_are_refused_without_hanging(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "none.png", tmp_path, tmp_path / "pipe.png", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(InputError, match="E-IMG-001"):
            load_image(path)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(images.MAX_BYTES + 1)
    with pytest.raises(InputError, match="E-IMG-003"):
        load_image(tmp_path / "a.png")


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size without having the pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize("size", [(20_000, 20_000), (100_000, 100_000), (9000, 9000), (2**31 - 1, 2**31 - 1)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_decompression_bombs_are_refused_undecoded(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png_header(*size) + b"\0\0\0\0IDAT")
    with pytest.raises(InputError, match=r"E-IMG-00[57]"):
        load_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", NAMES)
def test_too_many_pixels_are_refused_in_every_format(
    tmp_path: Path, draw: Draw, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path / name, size=(32, 32))
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)
    with pytest.raises(InputError, match=r"E-IMG-005.*more than 1000 pixels"):
        load_image(tmp_path / name)


@pytest.mark.parametrize("size", [(1, 1), (7, 100), (8, 161), (3000, 9)])
def test_odd_sizes_are_refused(tmp_path: Path, draw: Draw, size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=rf"E-IMG-005.*{size[0]}×{size[1]}"):
        load_image(draw(tmp_path / "a.png", size=size))


@pytest.mark.parametrize("name", NAMES)
def test_truncated_pictures_are_refused(tmp_path: Path, draw: Draw, name: str) -> None:
    path = draw(tmp_path / name, size=(64, 64))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(InputError, match=r"E-IMG-007.*broken or truncated"):
        load_image(path)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.heic", "a.avif"])
def test_animations_are_refused(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="E-IMG-006"):
        load_image(tmp_path / name)


def test_a_phone_picture_with_previews_gives_the_main_one(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=frames[1:])
    red, _, blue = load_image(tmp_path / "a.jpg").getpixel((3, 3))
    assert red > 200 > 50 > blue


def test_trailing_bytes_are_dropped(tmp_path: Path, draw: Draw) -> None:
    path = draw(tmp_path / "a.png")
    before = image_digest(load_image(path))
    path.write_bytes(path.read_bytes() + b"PK\x03\x04 an archive")
    save_clean_png(load_image(path), tmp_path / "b.png")
    assert image_digest(load_image(tmp_path / "b.png")) == before
    assert b"archive" not in (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_all_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (16, 16))
    image.save(tmp_path / "a", format="JPEG" if mode in ("CMYK", "YCbCr") else "PNG")
    assert load_image(tmp_path / "a").mode == "RGB"


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    Image.new("I;16", (16, 16), 0x8000).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png").getpixel((0, 0)) == (128, 128, 128)


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (16, 16), (0, 0, 0, 0)).save(tmp_path / "a.png")
    palette = Image.new("P", (16, 16), 0)
    palette.putpalette([0, 0, 0, 9, 9, 9])
    palette.save(tmp_path / "p.png", transparency=0)
    palette.save(tmp_path / "b.png", transparency=b"\x00\xff")
    for name in ("a.png", "p.png", "b.png"):
        assert load_image(tmp_path / name).getpixel((0, 0)) == (255, 255, 255)


def test_exif_turns_the_picture_upright_and_is_dropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "canary-description"
    Image.new("RGB", (16, 32)).save(tmp_path / "a.jpg", exif=exif)
    image = load_image(tmp_path / "a.jpg")
    assert image.size == (32, 16)
    assert not image.getexif()
    assert not image.info


def test_a_clean_png_has_no_metadata_and_equal_bytes(tmp_path: Path, draw: Draw) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "canary-author")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(draw(tmp_path / "a.png")) as image:
        image.load()
        image.save(tmp_path / "b.png", pnginfo=text, icc_profile=profile, dpi=(72, 72))
        image.info["comment"] = "canary"
        save_clean_png(image, tmp_path / "c.png")
    save_clean_png(load_image(tmp_path / "b.png"), tmp_path / "d.png")
    clean = (tmp_path / "c.png").read_bytes()
    assert clean == (tmp_path / "d.png").read_bytes()
    assert {clean[i : i + 4] for i in range(len(clean))} & {b"tEXt", b"iCCP", b"pHYs", b"eXIf"} == set()


def test_a_corrupt_profile_does_not_matter(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "a.jpg", icc_profile=b"nonsense")
    assert load_image(tmp_path / "a.jpg").size == (16, 16)


def chunk(kind: bytes, content: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def with_chunk(path: Path, extra: bytes) -> None:
    """Put a chunk behind the header of a PNG."""
    data = path.read_bytes()
    path.write_bytes(data[:33] + extra + data[33:])


HUGE = zlib.compress(bytes(2_000_000))
BESIDE_THE_PIXELS = {
    "a large profile": chunk(b"iCCP", b"p\0\0" + HUGE),
    "a comment with a wrong CRC": chunk(b"tEXt", b"Comment\0hello", crc=1),
    "a time with a wrong CRC": chunk(b"tIME", bytes(7), crc=1),
    "an enormous text": chunk(b"zTXt", b"Comment\0\0" + HUGE),
}


@pytest.mark.parametrize("extra", BESIDE_THE_PIXELS.values(), ids=BESIDE_THE_PIXELS.keys())
def test_what_is_broken_or_huge_beside_a_pngs_pixels_does_not_matter(
    tmp_path: Path, draw: Draw, extra: bytes
) -> None:
    whole = image_digest(load_image(draw(tmp_path / "a.png")))
    with_chunk(tmp_path / "a.png", extra)
    with pytest.raises((ValueError, SyntaxError, OSError)), Image.open(tmp_path / "a.png") as image:
        image.load()
    assert image_digest(load_image(tmp_path / "a.png")) == whole


@pytest.mark.parametrize("kind", [b"tRNS", b"PLTE", b"eXIf"])
def test_a_wrong_crc_of_what_is_seen_is_refused(tmp_path: Path, draw: Draw, kind: bytes) -> None:
    with_chunk(draw(tmp_path / "a.png"), chunk(kind, bytes(6), crc=1))
    with pytest.raises(InputError, match="E-IMG-007"):
        load_image(tmp_path / "a.png")


def test_a_pngs_way_up_is_kept_where_a_comment_is_broken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (16, 32)).save(tmp_path / "a.png", exif=exif)
    with_chunk(tmp_path / "a.png", chunk(b"tEXt", b"Comment\0hello", crc=1))
    assert load_image(tmp_path / "a.png").size == (32, 16)


def test_a_bomb_behind_a_broken_comment_is_still_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_header(20_000, 20_000) + chunk(b"tEXt", b"a\0b", crc=1) + b"\0\0\0\0IDAT")
    with pytest.raises(InputError, match=r"E-IMG-00[57]"):
        load_image(path)


def test_a_phones_picture_gives_the_same_bytes_every_time(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "a.heic", size=(40, 24))
    for name in ("a.png", "b.png"):
        save_clean_png(load_image(tmp_path / "a.heic"), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_digest_sees_pixels_and_size_only(tmp_path: Path, draw: Draw) -> None:
    first, same = load_image(draw(tmp_path / "a.png")), load_image(draw(tmp_path / "b.webp", lossless=True))
    assert image_digest(first) == image_digest(same)
    assert image_digest(first) != image_digest(load_image(draw(tmp_path / "c.png", 1)))
    flat = [Image.new("RGB", size) for size in ((8, 16), (16, 8))]
    assert image_digest(flat[0]) != image_digest(flat[1])


def test_single_coloured_pictures_are_told(tmp_path: Path, draw: Draw) -> None:
    assert is_constant(Image.new("RGB", (9, 9), (1, 2, 3)))
    assert not is_constant(load_image(draw(tmp_path / "a.png")))


def sample(image_format: str) -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.radial_gradient("L").resize((24, 16)).convert("RGB").save(buffer, image_format, exif=exif)
    return buffer.getvalue()


@given(
    image_format=st.sampled_from((*images.FORMATS, images.HEIF)),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6
    ),
)
@pytest.mark.filterwarnings("ignore")
def test_damaged_pictures_load_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, image_format: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(sample(image_format))
    for place, byte in changes:
        data[int(place * len(data))] = byte
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(data)
    try:
        image = load_image(path)
    except InputError:
        return
    assert image.mode == "RGB"
