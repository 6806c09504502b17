import pytest

from siu.data.collection import load_collection
from siu.data.concepts import Wording
from siu.data.intake.collection_import import import_folder
from siu.errors import PreflightError
from siu.language.phrasings import questions


@pytest.fixture
def source(tmp_path, draw):
    for number in range(2):
        draw(tmp_path / "own" / "pictures" / "c-1" / f"{number}.png", number)
    (tmp_path / "own" / "concepts.csv").write_text("id,name,kind,aliases\nc-1,Mira Talvon,person,Mira\n")
    return tmp_path / "own"


def write(source, *rows):
    (source / "wordings.csv").write_text("\n".join(["concept,purpose,question", *rows]) + "\n")


def test_wordings_reach_the_collection_and_survive_saving(source, tmp_path):
    write(source, "c-1,name,Whose face is that?", "c-1,yes_no,Could it be Mira?")
    import_folder(source, tmp_path / "collection")
    (concept,) = load_collection(tmp_path / "collection").concepts
    assert concept.wordings == (
        Wording("name", "Whose face is that?"),
        Wording("yes_no", "Could it be Mira?"),
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("c-2,name,Whose face is that?", "E-COL-109"),
        ("c-1,colour,Whose face is that?", "E-COL-117"),
        ("c-1,name,Is that Mira?", "E-COL-118"),
        ("c-1,yes_no,Is that her?", "E-COL-118"),
        (f"c-1,name,{questions('name', 'person', split='train')[0].upper()}", "E-COL-119"),
    ],
)
def test_a_wording_that_measures_nothing_is_refused(row, code, source, tmp_path):
    write(source, row)
    with pytest.raises(PreflightError, match=code):
        import_folder(source, tmp_path / "collection")
