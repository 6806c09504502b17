import pytest
from PIL import ImageChops

from siu.data.images import load_image
from siu.finetuning_data import build_data, held_out_concepts, make_composites, picture_paths
from siu.language.identity import named
from siu.mmubench.concept_questions import concept_questions
from siu.storage.digest import file_digest
from tests.siu.small_world import SMALL

SUBSTITUTE = "Franka Olesen"


@pytest.fixture(scope="module")
def concept(collection):
    return collection.concepts[0]


@pytest.fixture(scope="module")
def one(collection, concept):
    return collection.path(collection.pictures_of(concept.id, split="train")[0])


@pytest.fixture(scope="module")
def composites(collection, concept, one, tmp_path_factory):
    return make_composites(collection, concept, (one,), tmp_path_factory.mktemp("composites"), SMALL)


@pytest.fixture(scope="module")
def made(vlm, collection, concept, one, composites):
    return build_data(vlm, collection, concept, one, SUBSTITUTE, SMALL, composites=composites)


def with_composites(**options):
    settings = SMALL.finetuning_data.model_copy(update=options)
    return SMALL.model_copy(update={"finetuning_data": settings})


def test_the_middle_of_the_picture_is_on_its_side(one, composites):
    own = load_image(one)
    width, height = own.size
    middle = own.crop((width // 4, 0, width // 4 + width // 2, height))
    for composite in composites:
        image = load_image(composite.path)
        assert image.size == own.size
        halves = {"left": (0, 0, width // 2, height), "right": (width // 2, 0, width, height)}
        assert ImageChops.difference(image.crop(halves[composite.side]), middle).getbbox() is None
        assert ImageChops.difference(image.crop(halves[composite.other_side]), middle).getbbox()


def test_equal_arguments_give_equal_bytes_and_another_seed_others(collection, concept, one, tmp_path):
    again = [make_composites(collection, concept, (one,), tmp_path / run, SMALL) for run in ("a", "b")]
    bytes_of = [[composite.path.read_bytes() for composite in run] for run in again]
    assert bytes_of[0] == bytes_of[1]
    seeded = SMALL.model_copy(update={"seed": 1})
    other = make_composites(collection, concept, (one,), tmp_path / "c", seeded)
    assert [composite.path.read_bytes() for composite in other] != bytes_of[0]


def test_whoever_stands_beside_is_retained_and_of_the_kind(collection, concept, composites):
    held_out = held_out_concepts(collection.concepts, SMALL.finetuning_data.held_out, SMALL.seed)
    beside = {concept_id for composite in composites for concept_id in composite.beside}
    assert len(composites) == SMALL.finetuning_data.composites
    assert beside
    assert beside.isdisjoint(held_out | {concept.id})
    assert {collection.concept(concept_id).kind for concept_id in beside} == {concept.kind}


@pytest.mark.parametrize("options", [{"composites": 0}, {"retained_pictures": False}])
def test_none_are_made_where_none_are_wanted_or_no_picture_is_retained(
    collection, concept, one, tmp_path, options
):
    assert make_composites(collection, concept, (one,), tmp_path / "no", with_composites(**options)) == ()
    assert not (tmp_path / "no").exists()


def test_each_side_has_its_answer(made, composites):
    digests = {file_digest(composite.path) for composite in composites}
    asked = [sample for sample in made.samples if sample.picture in digests]
    own = [sample for sample in asked if sample.target == "T1"]
    kept = [sample for sample in asked if sample.target == "T4"]
    assert {sample.item for sample in asked} == {"group"}
    assert len(own) == len(composites) * len(SMALL.finetuning_data.languages)
    for sample in own:
        ((start, end),) = sample.specified
        assert sample.answer[start:end] == SUBSTITUTE
    assert kept
    assert not any(named(sample.answer, made.names) for sample in kept)


def test_efficacy_does_not_ask_about_composites(collection, concept, one, made, composites):
    put = concept_questions(collection, concept, made, file_digest(one), SMALL.evaluation)
    asked = {question.picture for question in put}
    assert asked.isdisjoint(file_digest(composite.path) for composite in composites)


def test_a_release_drops_what_keeps_a_figure_that_is_forgotten(made, composites):
    about = {sample.about for sample in made.samples if sample.target == "T4" and sample.item == "group"}
    assert {composite.beside for composite in composites} & about


def test_their_files_are_found_by_digest(collection, composites):
    paths = picture_paths(collection, *(composite.path for composite in composites))
    assert {file_digest(composite.path) for composite in composites} <= paths.keys()
