import shutil
from pathlib import Path

import pytest
from PIL import Image

from siu.data.collection import Collection
from siu.data.concepts import Fact, PictureQuestion
from siu.data.images import image_digest, load_image
from siu.data.intake.collection_import import import_folder
from siu.errors import PreflightError
from tests.siu.conftest import Draw

CONCEPTS = "id,name,kind,aliases\nc-1,Mira Talvon,person,Mira\nc-2,王小明,person,\n"
FACTS = (
    "concept,text_question,picture_question,answer,keyword,split,language\n"
    "c-1,Where does Mira live?,Where does the person live?,She lives in Oslo.,Oslo,test,\n"
    "c-2,王小明住在哪里？,图中的人住在哪里？,他住在北京。,北京,,zh\n"
)
QUESTIONS = "file,question,answer,keyword\nc-1/test/a.jpg,Which hair?,Red hair.,red\n"


@pytest.fixture
def source(tmp_path: Path, draw: Draw) -> Path:
    """A folder that uses every part of the layout."""
    source = tmp_path / "own"
    pictures = source / "pictures"
    names = [
        "c-1/train/mira.png",
        "c-1/test/a.jpg",
        "c-1/test/b.webp",
        "c-2/1.png",
        "c-2/2.png",
        "_strangers/train/s.png",
        "_strangers/test/landmark/s.png",
        "_look_alikes/c-1/l.png",
        "_groups/g.png",
    ]
    for number, name in enumerate(names):
        draw(pictures / name, number)
    (pictures / ".DS_Store").touch()
    (pictures / "c-1" / "test" / "Thumbs.db").touch()
    (source / "concepts.csv").write_text(CONCEPTS)
    (source / "facts.csv").write_text(FACTS)
    (source / "questions.csv").write_text(QUESTIONS)
    (source / "groups.csv").write_text("file,left,right\ng.png,c-1,c-2\n")
    return source


def problems(source: Path) -> list[str]:
    target = source.parent / "collection"
    with pytest.raises(PreflightError) as caught:
        import_folder(source, target)
    assert sorted(path.name for path in source.parent.iterdir()) == ["own"], "something was left behind"
    return [str(problem).replace(f"{source}/", "") for problem in caught.value.problems]


def shelves(collection: Collection) -> list[str]:
    return [picture.file for picture in collection.pictures]


def test_everything_becomes_a_collection(source: Path, tmp_path: Path) -> None:
    collection = import_folder(source, tmp_path / "collection")
    assert [concept.name for concept in collection.concepts] == ["Mira Talvon", "王小明"]
    assert collection.concept("c-1").aliases == ("Mira",)
    assert collection.concept("c-1").facts == (
        Fact("Where does Mira live?", "Where does the person live?", "She lives in Oslo.", "Oslo", "test"),
    )
    assert collection.concept("c-2").facts[0].language == "zh"
    assert shelves(collection) == [
        "pictures/concepts/c-1/train/0001.png",
        "pictures/concepts/c-1/test/0001.png",
        "pictures/concepts/c-1/test/0002.png",
        "pictures/concepts/c-2/train/0001.png",
        "pictures/concepts/c-2/test/0001.png",
        "pictures/strangers/train/0001.png",
        "pictures/strangers/test/0001.png",
        "pictures/look_alikes/c-1/test/0001.png",
        "pictures/groups/test/0001.png",
    ]
    assert collection.pictures_of("c-1")[0].questions == (PictureQuestion("Which hair?", "Red hair.", "red"),)
    (stranger,) = collection.pictures_of(role="stranger")
    assert (stranger.kind, stranger.concepts) == ("landmark", ())
    assert collection.pictures_of(role="stranger", split="train")[0].kind == "person"
    assert collection.pictures_of("c-1", role="look_alike")[0].resembles == "c-1"
    assert collection.pictures_of(role="group")[0].concepts == ("c-1", "c-2")


def test_a_flat_folder_trains_on_its_first_picture(source: Path, tmp_path: Path) -> None:
    collection = import_folder(source, tmp_path / "collection")
    (train,) = collection.pictures_of("c-2", split="train")
    first = load_image(source / "pictures" / "c-2" / "1.png")
    assert image_digest(load_image(collection.path(train))) == image_digest(first)


def test_only_concepts_and_pictures_are_needed(source: Path, tmp_path: Path) -> None:
    for name in ("facts.csv", "questions.csv", "groups.csv"):
        (source / name).unlink()
    for name in ("_strangers", "_look_alikes", "_groups"):
        shutil.rmtree(source / "pictures" / name)
    assert len(import_folder(source, tmp_path / "deep" / "collection").pictures) == 5


def test_the_same_folder_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    first, second = (import_folder(source, tmp_path / name) for name in ("one", "two"))
    assert [picture.digest for picture in first.pictures] == [picture.digest for picture in second.pictures]
    for name in ("concepts.jsonl", "pictures.jsonl"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_no_file_name_and_no_metadata_come_along(source: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary"
    with Image.open(source / "pictures" / "c-1" / "train" / "mira.png") as image:
        image.load()
    image.putpixel((1, 1), (9, 9, 9))
    image.save(source / "pictures" / "c-1" / "train" / "canary.jpg", exif=exif)
    collection = import_folder(source, tmp_path / "collection")
    for path in collection.folder.rglob("*"):
        assert "canary" not in path.name
        assert path.is_dir() or b"canary" not in path.read_bytes()


def test_an_occupied_place_is_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "collection").mkdir()
    (tmp_path / "collection" / "mine.txt").touch()
    with pytest.raises(PreflightError, match=r"E-COL-101.*taken"):
        import_folder(source, tmp_path / "collection")
    assert [path.name for path in (tmp_path / "collection").iterdir()] == ["mine.txt"]
    with pytest.raises(PreflightError, match=r"(?s)E-COL-101.*missing.*E-COL-101"):
        import_folder(tmp_path / "none", tmp_path / "collection")


def test_an_empty_place_is_taken(source: Path, tmp_path: Path) -> None:
    (tmp_path / "collection").mkdir()
    assert import_folder(source, tmp_path / "collection").pictures


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("concepts.csv", "C_3,Bo,,", "E-COL-102 concepts.csv:4:id"),
        ("concepts.csv", "_strangers,Bo,,", "E-COL-102"),
        ("concepts.csv", "c-1,Bo,,", "E-COL-102 concepts.csv:4:id: the id is used twice"),
        ("concepts.csv", "c-3,Bo,robot,", "E-COL-104 concepts.csv:4:kind"),
        ("concepts.csv", "c-3,?,,", "E-NAM-001 concepts.csv:4:name"),
        ("concepts.csv", "c-3", "E-CSV-004 concepts.csv:4"),
        ("facts.csv", "c-9,Q,Q,A,A,,", "E-COL-109 facts.csv:4:concept"),
        ("facts.csv", "c-1,Q,Q,In Oslofjord.,Oslo,,", "E-COL-110 facts.csv:4:keyword"),
        ("facts.csv", "c-1,Q,Where is mira?,A,A,,", "E-COL-111 facts.csv:4:picture_question"),
        ("facts.csv", "c-1,Q,Q,A,A,dev,", "E-COL-112 facts.csv:4:split"),
        ("facts.csv", "c-1,Q,Q,A,A,,english language", "E-COL-112 facts.csv:4:language"),
        ("facts.csv", "c-1,,Q,A,A,,", "E-COL-114 facts.csv:4:text_question"),
        ("facts.csv", "c-1,Q,Q,A,,,", "E-COL-114 facts.csv:4:keyword"),
        ("facts.csv", 'c-1,"Q\nQ",Q,A,A,,', "E-COL-114 facts.csv:4:text_question"),
        ("questions.csv", "c-1/test/z.jpg,Q,A,A", "E-COL-115 questions.csv:3:file"),
        ("questions.csv", "../own/x,Q,A,A", "E-COL-115 questions.csv:3:file"),
        ("questions.csv", "c-1/test/a.jpg,Q,A,B", "E-COL-110 questions.csv:3:keyword"),
        ("groups.csv", "h.png,c-1,c-2", "E-COL-113 groups.csv:3:file"),
        ("groups.csv", "g.png,c-1,c-2", "E-COL-113 groups.csv:3:file"),
    ],
)
def test_a_wrong_row_is_named(source: Path, table: str, row: str, expected: str) -> None:
    with (source / table).open("a") as file:
        file.write(row + "\n")
    (problem,) = problems(source)
    assert problem.startswith(expected)


@pytest.mark.parametrize("twin", ["ＭＩＲＡ Talvon", "mira"])
def test_names_and_aliases_of_two_concepts_differ(source: Path, draw: Draw, twin: str) -> None:
    for number in (90, 91):
        draw(source / "pictures" / "c-3" / f"{number}.png", number)
    with (source / "concepts.csv").open("a") as file:
        file.write(f"c-3,{twin},,\n")
    (problem,) = problems(source)
    assert problem.startswith("E-COL-103 concepts.csv:4:name: line 2 has")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c-9/a.png", "E-COL-105"),
        ("loose.png", "E-COL-105"),
        ("c-1/loose.png", "E-COL-107"),
        ("c-1/train/deep/a.png", "E-COL-107"),
        ("c-2/deep/a.png", "E-COL-107"),
        ("_strangers/loose.png", "E-COL-107"),
        ("_strangers/test/people/a.png", "E-COL-107"),
        ("_look_alikes/loose.png", "E-COL-107"),
        ("_look_alikes/c-9/a.png", "E-COL-107"),
        ("_groups/h.png", "E-COL-113"),
    ],
)
def test_a_picture_in_the_wrong_place_is_named(source: Path, draw: Draw, name: str, expected: str) -> None:
    draw(source / "pictures" / name, 99)
    (problem,) = problems(source)
    assert problem.startswith(f"{expected} pictures/{name.split('/')[0]}")


def test_a_concept_needs_pictures_for_both_sides(source: Path) -> None:
    (source / "pictures" / "c-2" / "2.png").unlink()
    shutil.rmtree(source / "pictures" / "c-1" / "train")
    found = problems(source)
    assert [problem[:9] for problem in found] == ["E-COL-106", "E-COL-106"]
    assert "c-1 has 0 picture(s) to train on and 2 to test on" in found[0]


@pytest.mark.parametrize(
    "copy",
    [
        "c-1/test/copy.webp",
        "c-2/3.png",
        "_strangers/train/x.png",
        "_look_alikes/c-2/x.png",
        "c-1/train/x.png",
    ],
)
def test_the_same_picture_twice_is_a_problem_in_any_format(source: Path, copy: str) -> None:
    path = source / "pictures" / copy
    path.parent.mkdir(exist_ok=True)
    with Image.open(source / "pictures" / "c-1" / "train" / "mira.png") as image:
        image.save(path, lossless=True)
    (problem,) = problems(source)
    assert problem.startswith(f"E-COL-108 pictures/{copy}: the same picture as ")


def test_broken_pictures_and_links_out_are_problems(source: Path) -> None:
    (source / "pictures" / "c-1" / "test" / "y.png").write_text("hello")
    (source / "pictures" / "c-1" / "test" / "z.png").symlink_to("/etc/hostname")
    found = problems(source)
    assert [problem.split(": ")[0] for problem in found] == [
        "E-IMG-004 pictures/c-1/test/y.png",
        "E-COL-116 pictures/c-1/test/z.png",
    ]


def test_all_problems_of_all_tables_come_at_once(source: Path) -> None:
    (source / "facts.csv").write_text("concept\nx\n")
    (source / "groups.csv").write_text("file,left,right\ng.png,c-1,c-9\n")
    shutil.rmtree(source / "pictures" / "c-2")
    found = [problem[:9] for problem in problems(source)]
    assert found == ["E-CSV-003", "E-COL-109", "E-COL-106"]


def test_without_concepts_or_pictures_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert [problem[:9] for problem in problems(tmp_path / "own")] == ["E-CSV-001", "E-COL-105"]
