"""Requests as OpenDSR writes them, and what is no such request."""

import json
from pathlib import Path
from typing import Any

import pytest

from siu.data.requests.open_dsr import read_open_dsr
from siu.errors import InputError

REQUEST: dict[str, Any] = {
    "regulation": "gdpr",
    "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
    "subject_request_type": "erasure",
    "submitted_time": "2026-10-02T15:00:00Z",
    "subject_identities": [
        {"identity_type": "email", "identity_value": "m@example.org", "identity_format": "raw"},
        {"identity_type": "name", "identity_value": "Mira Talvon", "identity_format": "raw"},
        {"identity_type": "name", "identity_value": "Mira", "identity_format": "raw"},
    ],
    "api_version": "2.0",
    "extensions": {"siu": {"image": "p.png", "kind": "person", "aliases": ["M. T."], "force": True}},
}


def written(folder: Path, content: Any) -> Path:
    file = folder / "dsr.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_every_field_has_its_column(tmp_path: Path) -> None:
    (row,) = read_open_dsr(written(tmp_path, REQUEST))
    assert row.row.cells == {
        "request_id": REQUEST["subject_request_id"],
        "name": "Mira Talvon",
        "image": "p.png",
        "kind": "person",
        "aliases": "Mira;M. T.",
        "received": "2026-10-02",
        "force": "yes",
        "policy": "",
    }


def test_a_list_is_several_requests_and_an_incomplete_one_is_judged_later(tmp_path: Path) -> None:
    bare = {"subject_request_type": "erasure"}
    rows = read_open_dsr(written(tmp_path, [REQUEST, bare]))
    assert [row.request_id for row in rows] == [REQUEST["subject_request_id"], "row-2"]
    assert rows[1].row["name"] == ""


@pytest.mark.parametrize("content", ["", "{", "[]", "NaN!", "[" * 100_000])
def test_what_is_no_json_is_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"E-REQ-023 .*dsr\.json"):
        read_open_dsr(written(tmp_path, content))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"subject_request_type": "access"}, "subject_request_type is 'access'"),
        ({"extensions": {"siu": {"picture": "p.png"}}}, "odd fields"),
        ({"extensions": []}, "extensions is no object"),
        ({"subject_identities": "Mira"}, "no list"),
        ({"subject_request_id": 7}, "'7' is no text"),
    ],
)
def test_what_is_no_erasure_request_is_named(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=rf"E-REQ-024 .*dsr\.json:1.*{told}"):
        read_open_dsr(written(tmp_path, {**REQUEST, **change}))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E-REQ-023"):
        read_open_dsr(tmp_path / "none.json")
