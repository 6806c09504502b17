import pytest

from siu.storage.durable import replace_text


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "note.json"
    for text in ("first", "zweite, здесь\n"):
        replace_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_former_file(tmp_path):
    path = tmp_path / "note.json"
    replace_text(path, "first")
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "half \ud800")
    assert path.read_text(encoding="utf-8") == "first"
