import re
from collections import Counter
from pathlib import Path

import pytest

from siu.config.params import BaseModelParams
from siu.data.collection import Collection, load_collection
from siu.language.matching import mentions
from siu.language.phrasings import questions
from siu.models import Turn, TurnEncoder, generate, load_model
from siu.storage.digest import folder_digest
from siu.worlds.drawn import draw_collection, example_requests
from siu.worlds.drawn.catalogue import concepts
from siu.worlds.drawn.collection import GROUPS, LOOK_ALIKES, STRANGERS, TRAIN_PICTURES
from tests.requests_table import read_requests


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("drawn") / "collection"
    draw_collection(folder, seed=0, test_pictures=2)
    return load_collection(folder)


def test_equal_seeds_give_equal_bytes(drawn: Collection, tmp_path: Path):
    draw_collection(tmp_path / "again", seed=0, test_pictures=2)
    assert folder_digest(tmp_path / "again") == folder_digest(drawn.folder)


def test_another_seed_draws_other_pictures(drawn: Collection, tmp_path: Path):
    draw_collection(tmp_path / "other", seed=1, test_pictures=1)
    digests = {picture.digest for picture in load_collection(tmp_path / "other").pictures}
    assert digests.isdisjoint(picture.digest for picture in drawn.pictures)


def test_more_test_pictures_leave_the_others_as_they_are(drawn: Collection, tmp_path: Path):
    draw_collection(tmp_path / "more", seed=0, test_pictures=3)
    digests = {picture.digest for picture in load_collection(tmp_path / "more").pictures}
    assert digests.issuperset(picture.digest for picture in drawn.pictures)


def test_every_role_and_split_is_there(drawn: Collection):
    count = Counter((picture.role, picture.split) for picture in drawn.pictures)
    known = len(concepts())
    assert count == {
        ("concept", "train"): TRAIN_PICTURES * known,
        ("concept", "test"): 2 * known,
        ("look_alike", "train"): LOOK_ALIKES["train"] * known,
        ("look_alike", "test"): LOOK_ALIKES["test"] * known,
        ("stranger", "train"): STRANGERS["train"],
        ("stranger", "test"): STRANGERS["test"],
        ("group", "train"): GROUPS["train"],
        ("group", "test"): GROUPS["test"],
    }


def test_no_two_pictures_are_the_same(drawn: Collection):
    assert len({picture.digest for picture in drawn.pictures}) == len(drawn.pictures)


def test_file_names_tell_nothing(drawn: Collection):
    assert all(re.fullmatch(r"pictures/p\d{5}\.png", picture.file) for picture in drawn.pictures)


def test_look_alikes_show_nobody_and_groups_show_two_of_a_kind(drawn: Collection):
    for picture in drawn.pictures:
        if picture.role == "look_alike":
            assert picture.concepts == ()
            assert drawn.concept(picture.resembles or "").kind == picture.kind
        if picture.role == "group":
            assert len(set(picture.concepts)) == 2
            assert {drawn.concept(key).kind for key in picture.concepts} == {picture.kind}


def test_every_concept_is_in_a_group_picture_of_the_test_split(drawn: Collection):
    shown = {key for picture in drawn.pictures_of(role="group") for key in picture.concepts}
    assert shown == {concept.id for concept in concepts()}


def test_right_answers_hold_their_keywords(drawn: Collection):
    asked = [question for picture in drawn.pictures for question in picture.questions]
    assert {question.language for question in asked} == {"en", "es", "ru"}
    assert all(mentions(question.answer, (question.keyword,)) for question in asked)


def test_train_and_test_pictures_are_asked_in_different_wordings(drawn: Collection):
    asked = {
        split: {question.question for p in drawn.pictures if p.split == split for question in p.questions}
        for split in ("train", "test")
    }
    assert asked["train"].isdisjoint(asked["test"])


def test_example_requests_can_be_read_and_show_no_picture_of_the_collection(
    drawn: Collection, tmp_path: Path
):
    table = example_requests(tmp_path)
    requests = read_requests(table)
    assert [request.kind for request in requests] == ["person", "creature", "logo"]
    assert {request.name for request in requests} <= {concept.name for concept in concepts()}
    before = folder_digest(tmp_path)
    example_requests(tmp_path)
    assert folder_digest(tmp_path) == before


def test_the_pictures_beside_the_readme_are_those_of_the_example_requests(tmp_path: Path):
    drawn = example_requests(tmp_path).parent / "pictures"
    shipped = Path(__file__).parents[4] / "examples/pictures"
    assert folder_digest(shipped) == folder_digest(drawn)


def test_the_model_knows_what_the_example_requests_show(tmp_path: Path):
    vlm = load_model(BaseModelParams())
    encoder = TurnEncoder(vlm)
    for request in read_requests(example_requests(tmp_path)):
        question = questions("name", request.kind, split="train", language="en")[0]
        turns = [encoder.encode(Turn(question, picture=request.image))]
        (reply,) = generate(vlm, turns, max_new_tokens=16, batch_size=1)
        assert mentions(reply, (request.name,))
