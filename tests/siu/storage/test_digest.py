import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.storage.digest import canonical_json, file_digest, folder_digest, value_digest
from siu.storage.jsonl import read_jsonl, write_jsonl

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_canonical_json_gives_the_value_back_and_is_stable(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert value_digest(dict(reversed(value.items()))) == value_digest(value)


def test_a_known_digest_stays_the_same() -> None:
    expected = "487df58a5a8d7b2df6479781692d59ed51086e4f765f37f8f4fc34703e92ba27"
    assert canonical_json({"b": [1, 0.5], "a": "é"}) == '{"a":"é","b":[1,0.5]}'
    assert value_digest({"b": [1, 0.5], "a": "é"}) == expected


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_nan_and_infinity_have_no_digest(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        value_digest([number])


def test_a_folder_digest_sees_names_and_contents_only(tmp_path: Path) -> None:
    for folder, order in (("one", "ab"), ("two", "ba")):
        for name in order:
            (tmp_path / folder / name).mkdir(parents=True)
            (tmp_path / folder / name / "file").write_text(name)
    before = folder_digest(tmp_path / "one")
    assert folder_digest(tmp_path / "two") == before
    (tmp_path / "two" / "b" / "file").rename(tmp_path / "two" / "b" / "other")
    assert folder_digest(tmp_path / "two") != before
    (tmp_path / "one" / "b" / "file").write_text("changed")
    assert folder_digest(tmp_path / "one") != before


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=4))
def test_records_survive_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "rows.jsonl"
    write_jsonl(path, rows)
    assert list(read_jsonl(path)) == rows
    digest = file_digest(path)
    write_jsonl(path, rows)
    assert file_digest(path) == digest
