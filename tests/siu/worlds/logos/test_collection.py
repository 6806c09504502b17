"""The logos world as a collection of the product's own form."""

import pytest

from siu.data.collection import load_collection
from siu.language.matching import mentions
from siu.storage.digest import folder_digest
from siu.worlds.logos import collection as module
from siu.worlds.logos.catalogue import brands
from siu.worlds.logos.collection import draw_collection
from siu.worlds.logos.icons import available

pytestmark = pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        few = brands()[:3]
        patch.setattr(module, "brands", lambda: few)
        patch.setattr(module, "STRANGERS", {"train": 2, "test": 3})
        patch.setattr(module, "GROUPS", {"train": 2})
        made = [tmp_path_factory.mktemp(name) for name in ("first", "again", "other")]
        for place, seed in zip(made, (1, 1, 2), strict=True):
            draw_collection(place, seed=seed, test_pictures=2, test_groups=2)
    return made


def test_equal_seeds_give_equal_bytes(folder):
    first, again, other = map(folder_digest, folder)
    assert first == again != other


def test_it_is_read_as_any_collection(folder):
    read = load_collection(folder[0])
    assert [concept.name for concept in read.concepts] == [brand.name for brand in brands()[:3]]
    assert {picture.kind for picture in read.pictures} == {"logo"}
    assert len(read.pictures_of("b01")) == 2
    assert len(read.pictures_of(role="stranger")) == 3
    assert len(read.pictures_of("b01", role="look_alike")) == module.LOOK_ALIKES["test"]
    assert all(len(picture.concepts) == 2 for picture in read.pictures_of(role="group"))


def test_every_question_about_looks_is_answered_with_its_keyword(folder):
    asked = [question for picture in load_collection(folder[0]).pictures for question in picture.questions]
    assert asked
    assert all(mentions(question.answer, (question.keyword,)) for question in asked)
