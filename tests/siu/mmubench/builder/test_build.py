"""A benchmark built from a folder as a user would make it, by the embedded model."""

import json
import shutil

import pytest
from PIL import Image

from siu.config.params import BenchParams, EvaluationParams
from siu.data.images import load_image
from siu.data.intake.collection_import import import_folder
from siu.errors import InputError, PreflightError
from siu.finetuning_data import build_data, choose_substitutes, picture_paths
from siu.language.matching import normalise
from siu.mmubench import concept_questions
from siu.mmubench.builder import build_benchmark
from siu.storage.digest import file_digest
from tests.requests_table import read_requests
from tests.siu.small_world import SMALL

SETTINGS = BenchParams(test_pictures=4)
EVALUATION = EvaluationParams(max_new_tokens=16)


@pytest.fixture(scope="module")
def source(collection, tmp_path_factory):
    """Three people: one with a broken file, a copy and a stranger among the pictures, one with none."""
    folder = tmp_path_factory.mktemp("bench") / "source"
    rows = ["id,name,kind"]
    for number, concept in enumerate(collection.concepts[:2]):
        rows.append(f"c-{number},{concept.name},{concept.kind}")
        for index, picture in enumerate(collection.pictures_of(concept.id)):
            file = folder / "pictures" / f"c-{number}" / f"{index}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(collection.path(picture).read_bytes())
    own = folder / "pictures" / "c-0"
    (own / "broken.jpg").write_bytes(b"no picture")
    load_image(own / "0.png").resize((70, 70)).save(own / "smaller.webp", lossless=True)
    stranger = collection.pictures_of(role="stranger")[0]
    (own / "stranger.png").write_bytes(collection.path(stranger).read_bytes())
    rows.append("c-9,Nobody Yet,person")
    (folder / "concepts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    fact = collection.concepts[0].facts[0]
    text = "concept,text_question,picture_question,answer,keyword\n"
    text += f'c-0,"{fact.text_question}","{fact.picture_question}","{fact.answer}","{fact.keyword}"\n'
    (folder / "facts.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(source, vlm):
    folder = source.parent / "built"
    return folder, build_benchmark(source, folder, vlm, SETTINGS, EVALUATION)


@pytest.fixture(scope="module")
def imported(built):
    return import_folder(built[0], built[0].parent / "imported")


def test_every_drop_has_its_reason(built):
    reasons = {drop.what: drop.reason for drop in built[1].drops}
    assert reasons["c-0/broken.jpg"] == "unreadable"
    assert reasons["c-0/smaller.webp"] == "near-duplicate"
    assert reasons["c-0/stranger.png"] == "not recognised"
    assert reasons["c-9"] == "too few pictures"


def test_the_training_picture_is_the_one_the_model_is_surest_of(built):
    for chosen in built[1].chosen:
        assert chosen.recognition[0].confidence == max(one.confidence for one in chosen.recognition)


def test_the_pipeline_reads_it_with_one_training_picture_and_at_most_the_wanted_test_pictures(imported):
    assert [concept.id for concept in imported.concepts] == ["c-0", "c-1"]
    for concept in imported.concepts:
        assert len(imported.pictures_of(concept.id, split="train")) == 1
        assert 1 <= len(imported.pictures_of(concept.id)) <= 4


def test_there_are_a_hundred_questions_per_concept(built):
    manifest = json.loads((built[0] / "manifest.json").read_text())
    for concept in manifest["concepts"]:
        assert sum(concept["questions"].values()) == 100
        assert concept["questions"]["hidden name"] > concept["questions"]["yes/no"] > 0
    assert manifest["concepts"][0]["questions"]["multi-hop"] == 1


def test_the_manifest_has_the_digest_of_every_other_file(built):
    folder, _ = built
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(listed) == found - {"manifest.json"}
    assert all(file_digest(folder / name) == digest for name, digest in listed.items())


def test_the_data_card_says_how_many_pictures_are_missing(built):
    card = (built[0] / "README.md").read_text()
    assert "| c-0 | person | " in card
    assert "not recognised: " in card


def test_nothing_measured_is_in_the_fine_tuning_data(built, imported, vlm):
    """The proof on what is really trained and asked, not on the tables."""
    concept = imported.concepts[0]
    request = read_requests(built[0] / "requests.csv")[0]
    substitute = choose_substitutes([concept], imported, seed=0)[concept.id]
    data = build_data(vlm, imported, concept, request.image, substitute, SMALL)
    asked = concept_questions(imported, concept, data, file_digest(request.image), SMALL.evaluation)
    measured = [one for one in asked if one.purpose != "efficacy"]
    assert {one.purpose for one in measured} >= {"name", "yes_no", "describe", "picture_fact", "text_fact"}
    trained_texts = {normalise(sample.question) for sample in data.samples}
    assert trained_texts.isdisjoint(normalise(one.text) for one in measured)
    trained_pictures = {sample.picture for sample in data.samples if sample.picture}
    assert trained_pictures.isdisjoint(one.picture for one in measured if one.picture)
    assert {one.picture for one in measured if one.picture} <= set(picture_paths(imported))


def test_wordings_of_the_benchmark_are_the_ones_asked(imported, built):
    wordings = {one.text for one in imported.concepts[0].wordings if one.purpose == "name"}
    assert len(wordings) > 20
    assert any("Look at the picture." in text for text in wordings)


def test_equal_sources_give_equal_benchmarks(source, built, vlm):
    again = source.parent / "again"
    build_benchmark(source, again, vlm, SETTINGS, EVALUATION)
    assert (again / "manifest.json").read_bytes() == (built[0] / "manifest.json").read_bytes()


def test_a_taken_place_is_refused_and_nothing_is_left_behind(source, built, vlm):
    before = sorted(source.parent.iterdir())
    with pytest.raises(InputError, match="E-BEN-001"):
        build_benchmark(source, built[0], vlm, SETTINGS, EVALUATION)
    assert sorted(source.parent.iterdir()) == before


def test_what_is_taken_over_keeps_its_questions(source, collection, vlm, tmp_path):
    """A question about a group picture that goes, because a concept in it did not enter, goes with it."""
    own = shutil.copytree(source, tmp_path / "source")
    taken = {"_strangers/test": ("a.png",), "_groups": ("kept.png", "gone.png")}
    pictures = iter(collection.pictures_of(role="group"))
    for folder, names in taken.items():
        for name in names:
            (own / "pictures" / folder).mkdir(exist_ok=True, parents=True)
            shutil.copy(collection.path(next(pictures)), own / "pictures" / folder / name)
    asked = [
        f'{folder}/{name},"Inside, or out?",Outside.,Outside'
        for folder, names in taken.items()
        for name in names
    ]
    write(own / "questions.csv", "file,question,answer,keyword", *asked)
    write(own / "groups.csv", "file,left,right", "kept.png,c-0,c-1", "gone.png,c-0,c-9")
    build_benchmark(own, tmp_path / "built", vlm, SETTINGS, EVALUATION)
    made = import_folder(tmp_path / "built", tmp_path / "imported")
    (group,) = made.pictures_of(role="group")
    (stranger,) = made.pictures_of(role="stranger")
    assert [one.question for one in (*group.questions, *stranger.questions)] == ["Inside, or out?"] * 2


@pytest.mark.parametrize(
    ("table", "lines", "code"),
    [
        ("groups.csv", ("file,left,rigth", "a.png,c-0,c-1"), "E-CSV-003"),
        ("questions.csv", ("file,question,answer", "_strangers/a.png,Who?,Ann"), "E-CSV-003"),
        ("groups.csv", ("file,left,right", "a.png,c-0,c-8"), "E-COL-109"),
        ("groups.csv", ("file,left,right", "a.png,c-0,c-1"), "E-COL-115"),
        ("questions.csv", ("file,question,answer,keyword", "_strangers/a.png,Who?,Ann.,Ann"), "E-COL-115"),
    ],
)
def test_a_wrong_table_is_told_before_the_model_works(table, lines, code, source, vlm, tmp_path):
    own = shutil.copytree(source, tmp_path / "source")
    write(own / table, *lines)
    with pytest.raises(PreflightError, match=rf"{code} .*{table}:"):
        build_benchmark(own, tmp_path / "built", vlm, SETTINGS, EVALUATION, on_done=pytest.fail)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_concepts_the_model_does_not_know_leave_no_benchmark(tmp_path, vlm):
    pictures = tmp_path / "source" / "pictures" / "c-1"
    pictures.mkdir(parents=True)
    for shade in range(3):
        Image.linear_gradient("L").rotate(90 * shade).resize((64, 64)).save(pictures / f"{shade}.png")
    (tmp_path / "source" / "concepts.csv").write_text("id,name,kind\nc-1,Zelda Quux,person\n")
    with pytest.raises(InputError, match=r"E-BEN-002.*not recognised|E-BEN-002.*names it in 0%"):
        build_benchmark(tmp_path / "source", tmp_path / "built", vlm, SETTINGS, EVALUATION)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
