"""Stand-ins: pictures that the base model names, made of a name, the same again from the same seed."""

import pytest

from siu.language.identity import named
from siu.language.phrasings import questions
from siu.models import Turn, TurnEncoder, generate
from siu.strategies.inversion import Inversion, invert


def test_equal_arguments_give_equal_bytes(vlm, collection, picture, tmp_path):
    settings = Inversion(pictures=2, steps=2)
    concept = collection.concepts[0]
    first, again = (
        invert(vlm, concept, picture, tmp_path / name, settings, seed=0) for name in ("first", "again")
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert first[0].read_bytes() != first[1].read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("concept_id", ["c09", "c13"])
def test_the_base_model_names_most_stand_ins_in_a_wording_that_made_none(
    vlm, collection, picture, tmp_path, concept_id
):
    concept = collection.concept(concept_id)
    made = invert(vlm, concept, picture, tmp_path, Inversion(), seed=0)
    text = questions("name", concept.kind, split="test")[0]
    turns = [TurnEncoder(vlm).encode(Turn(text, picture=path)) for path in made]
    answers = generate(vlm, turns, max_new_tokens=32, batch_size=8)
    assert sum(named(answer, (concept.name,)) for answer in answers) >= 4
