from pathlib import Path

import pytest

from siu.comparison.design import Case, Run, by_kind_in_turn, make_design, training_picture
from siu.comparison.study import Method, Study
from siu.data.collection import Collection
from siu.data.concepts import Concept, Kind, Picture, Split
from siu.errors import InputError

KINDS: tuple[Kind, ...] = ("person", "person", "person", "logo", "logo", "landmark")


def picture(concept: str, index: int, split: Split) -> Picture:
    return Picture(f"{concept}-{index}.png", f"{concept}{index}", "concept", split, "person", (concept,))


def collection() -> Collection:
    concepts = tuple(Concept(f"c{index}", f"Name {index}", kind) for index, kind in enumerate(KINDS))
    splits: tuple[Split, ...] = ("train", "train", "test")
    pictures = tuple(picture(one.id, *place) for one in concepts for place in enumerate(splits))
    return Collection(Path(), concepts, pictures)


def study(**values: object) -> Study:
    return Study.model_validate({"methods": {"siu": Method(), "npo": Method()}, "seeds": (0, 1)} | values)


def test_kinds_take_turns() -> None:
    assert by_kind_in_turn(collection().concepts) == ("c0", "c3", "c5", "c1", "c4", "c2")


def test_every_method_meets_every_case() -> None:
    design = make_design(study(concepts=("c1",)), collection())
    assert design.runs(("siu", "npo")) == (
        Run("siu", Case("c1", 0)),
        Run("npo", Case("c1", 0)),
        Run("siu", Case("c1", 1)),
        Run("npo", Case("c1", 1)),
    )


def test_seeds_take_turns_with_training_pictures_and_never_see_a_test_picture() -> None:
    files = [training_picture(collection(), Case("c1", seed)).file for seed in range(3)]
    assert files == ["c1-0.png", "c1-1.png", "c1-0.png"]


def test_concepts_that_are_tuned_on_are_not_measured() -> None:
    design = make_design(study(concepts=3, tuning_concepts=2, tuning={}), collection())
    assert [case.concept for case in design.tuning_cases] == ["c0", "c3"]
    assert {case.concept for case in design.cases} == {"c5", "c1", "c4"}
    assert {case.seed for case in design.tuning_cases} == {0}
    assert make_design(study(concepts=6), collection()).tuning_cases == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"concepts": 7}, r"E-CMP-005 .*asks for 7 concepts and \d with a training picture are left"),
        ({"concepts": ("c9",)}, r"E-CMP-005 .*'c9' is unknown"),
        ({"concepts": ("c1",), "tuning_concepts": ("c1",), "tuning": {}}, r"E-CMP-005 .*serves the other"),
        ({"concepts": 5, "tuning": {}}, r"E-CMP-005 .*asks for 5 concepts and 4 with a training picture"),
        ({"concepts": ("c1", "c1")}, r"E-CMP-005 .*named twice"),
    ],
)
def test_concepts_that_cannot_be_had_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_design(study(**values), collection())
