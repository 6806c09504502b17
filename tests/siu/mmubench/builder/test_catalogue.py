import pytest

from siu.data.intake.collection_tables import read_concepts
from siu.errors import InputError
from siu.language.matching import mentions
from siu.language.phrasings import questions
from siu.mmubench.builder.catalogue import mmubench_concepts, write_catalogue
from siu.mmubench.builder.looks import look_questions
from siu.mmubench.builder.wordings import recognition_wordings, templates
from siu.problems import Problems


def test_the_catalogue_reads_as_a_folder_of_ones_own(tmp_path):
    problems = Problems()
    folder = write_catalogue(tmp_path / "mmubench")
    assert read_concepts(folder, problems) == mmubench_concepts()
    problems.raise_if_any()
    assert len(list((folder / "pictures").iterdir())) == 20


def test_a_taken_place_is_refused(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(InputError, match="E-BEN-001"):
        write_catalogue(tmp_path)


@pytest.mark.parametrize("concept", mmubench_concepts(), ids=lambda concept: concept.id)
def test_every_concept_gets_a_hundred_wordings_that_hide_or_hold_its_name(concept):
    wordings = recognition_wordings(concept, 100)
    assert len({one.text for one in wordings}) == 100
    names = (concept.name, *concept.aliases)
    assert all(mentions(one.text, names) is (one.purpose == "yes_no") for one in wordings)


def test_questions_about_looks_are_measured_in_words_that_are_not_trained_on():
    for kind in ("person", "creature", "landmark", "logo", "other"):
        asked = look_questions(kind)
        assert {one.measured for one in asked}.isdisjoint(one.trained for one in asked)
        assert all(isinstance(word, str) for one in asked for word in one.answers)


def test_no_frame_makes_a_trained_wording():
    trained = {text for kind in ("person", "other") for text in questions("name", kind, split="train")}
    asked = questions("name", "person", split="test")
    assert trained.isdisjoint(f.format(q=text) for f in templates()["frames"] for text in asked)
