from PIL import ImageChops

from siu.data.images import load_image
from siu.finetuning_data import build_data, choose_substitutes, make_views
from siu.mmubench.concept_questions import concept_questions
from siu.storage.digest import file_digest
from tests.siu.small_world import SMALL


def test_views_have_the_pictures_size_and_differ_from_it_and_from_each_other(picture, tmp_path):
    views = make_views(picture, tmp_path, count=3, seed=0)
    images = [load_image(path) for path in (picture, *views)]
    assert {image.size for image in images} == {images[0].size}
    for index, one in enumerate(images):
        assert all(ImageChops.difference(one, other).getbbox() for other in images[index + 1 :])


def test_equal_arguments_give_equal_bytes(picture, tmp_path):
    runs = [make_views(picture, tmp_path / run, count=2, seed=0) for run in ("a", "b")]
    assert [one.read_bytes() for one in runs[0]] == [one.read_bytes() for one in runs[1]]
    other = make_views(picture, tmp_path / "c", count=2, seed=1)
    assert other[0].read_bytes() != runs[0][0].read_bytes()


def test_no_views_leave_no_folder(picture, tmp_path):
    assert make_views(picture, tmp_path / "none", count=0, seed=0) == ()
    assert not (tmp_path / "none").exists()


def test_t1_asks_about_the_picture_and_each_view(vlm, collection, tmp_path):
    concept = collection.concepts[0]
    one = collection.path(collection.pictures_of(concept.id, split="train")[0])
    views = make_views(one, tmp_path, count=2, seed=0)
    substitute = choose_substitutes([concept], collection, seed=0)[concept.id]
    data = build_data(vlm, collection, concept, one, substitute, SMALL, views=views)
    first = [sample for sample in data.samples if sample.target == "T1"]
    assert len({sample.picture for sample in first}) == 3
    assert len(first) == 3 * SMALL.finetuning_data.name_questions


def test_wordings_go_round_from_view_to_view(vlm, collection, tmp_path):
    concept = collection.concepts[0]
    one = collection.path(collection.pictures_of(concept.id, split="train")[0])
    views = make_views(one, tmp_path, count=2, seed=0)
    data = build_data(vlm, collection, concept, one, "Franka Olesen", SMALL, views=views)
    first = [sample for sample in data.samples if sample.target == "T1"]
    assert len({sample.question for sample in first}) == len(first)


def test_denials_go_round_from_view_to_view_and_efficacy_asks_all_about_the_picture(
    vlm, collection, tmp_path
):
    concept = collection.concepts[0]
    one = collection.path(collection.pictures_of(concept.id, split="train")[0])
    views = make_views(one, tmp_path, count=2, seed=0)
    data = build_data(vlm, collection, concept, one, "Franka Olesen", SMALL, views=views)
    asked = [sample for sample in data.samples if sample.item == "yes_no" and sample.target == "T2"]
    assert [sample.picture for sample in asked[:3]] == [file_digest(path) for path in (one, *views)]
    put = concept_questions(collection, concept, data, file_digest(one), SMALL.evaluation)
    efficacy = {question.text for question in put if question.purpose == "efficacy"}
    assert {sample.question for sample in asked} <= efficacy
