import pytest

from siu.errors import ModelError
from siu.gold import gold_reference
from siu.gold.reference import write_card
from siu.worlds.drawn import GOLD_WITHOUT, gold_folder


def test_the_embedded_gold_model_says_what_it_never_saw():
    found = gold_reference("embedded")
    assert (found.folder, found.without) == (gold_folder(), GOLD_WITHOUT)


def test_a_folder_says_it_by_its_card(tmp_path):
    write_card(tmp_path, ("a", "b"))
    assert gold_reference(tmp_path.name, tmp_path.parent).without == ("a", "b")


@pytest.mark.parametrize("content", [None, "{", "[]", '{"without": 3}'])
def test_a_folder_that_does_not_say_it_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "gold.json").write_text(content)
    with pytest.raises(ModelError, match="E-MOD-026"):
        gold_reference(str(tmp_path))
