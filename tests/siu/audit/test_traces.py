"""The forms in which a name or a picture stands in files."""

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from siu.audit.traces import files_with, shows, traces_of_name, traces_of_picture

NAME = "Zoë D'Arc"
FORMS = {
    "text": f"is {NAME} here".encode(),
    "small letters": f"/people/{NAME.lower()}.txt".encode(),
    "capitals": NAME.upper().encode(),
    "UTF-16": f"is {NAME} here".encode("utf-16-le"),
    "JSON": json.dumps({"name": NAME}).encode(),
    "HTML": html.escape(f"<b>{NAME}</b>").encode(),
    "an address": quote(f"?who={NAME}&x").encode(),
    "hex": f"is {NAME} here".encode().hex().encode(),
    "composed otherwise": "Zoe\u0308 D'Arc".encode(),
    **{f"base64 behind {n} bytes": base64.b64encode(b"x" * n + f"{NAME} here".encode()) for n in range(4)},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_name_shows_in_every_form(tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_bytes(FORMS[form])
    assert shows(tmp_path / "file", traces_of_name(NAME))
    assert not shows(tmp_path / "file", traces_of_name("Somebody Else"))


def test_a_picture_shows_where_its_bytes_are(tmp_path: Path) -> None:
    picture = bytes(range(256)) * 40
    (tmp_path / "page.html").write_bytes(b"src='data:image/png;base64," + base64.b64encode(picture) + b"'")
    (tmp_path / "other.html").write_bytes(base64.b64encode(picture[::-1]))
    assert files_with(traces_of_picture(picture), [tmp_path]) == [tmp_path / "page.html"]
    assert traces_of_picture(b"tiny") == ()


def test_a_files_own_name_counts_and_an_empty_file_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "Mira Talvon.txt").touch()
    (tmp_path / "empty").touch()
    assert files_with(traces_of_name("Mira Talvon"), [tmp_path]) == [tmp_path / "Mira Talvon.txt"]


def test_a_name_too_short_to_be_told_from_chance_is_not_looked_for() -> None:
    assert b"Al" not in traces_of_name("Al")
    assert "王明".encode() in traces_of_name("王明")
