from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.config.params import Params
from siu.data.concepts import Concept
from siu.finetuning_data import build_data, held_out_concepts
from siu.language.matching import mentions
from siu.objectives.methods.siu import Siu
from siu.unlearning import joint_samples
from tests.siu.small_world import SMALL

KINDS = ("person", "creature", "logo")
CONCEPTS = st.lists(
    st.builds(Concept, st.from_regex(r"c[0-9]{1,3}", fullmatch=True), st.just("x"), st.sampled_from(KINDS)),
    max_size=30,
    unique_by=lambda concept: concept.id,
)


@given(CONCEPTS, st.floats(0, 0.99), st.integers(0, 9), st.randoms())
def test_the_order_of_the_concepts_decides_nothing(concepts, share, seed, rng):
    shuffled = list(concepts)
    rng.shuffle(shuffled)
    assert held_out_concepts(shuffled, share, seed) == held_out_concepts(concepts, share, seed)


@given(CONCEPTS, st.floats(0, 0.99), st.integers(0, 9))
def test_the_share_is_rounded_down_and_leaves_one(concepts, share, seed):
    held_out = held_out_concepts(concepts, share, seed)
    assert held_out <= {concept.id for concept in concepts}
    assert len(held_out) == int(share * len(concepts))
    assert not concepts or len(held_out) < len(concepts)


@given(CONCEPTS, st.floats(0, 0.5), st.integers(0, 9))
def test_a_larger_share_holds_out_the_same_and_more(concepts, share, seed):
    assert held_out_concepts(concepts, share, seed) <= held_out_concepts(concepts, 1.9 * share, seed)


def test_every_kind_gives_about_its_share_and_the_seed_decides_which(collection):
    chosen = [held_out_concepts(collection.concepts, 0.25, seed) for seed in range(8)]
    for held_out in chosen:
        for kind in {concept.kind for concept in collection.concepts}:
            own = [concept.id for concept in collection.concepts if concept.kind == kind]
            assert abs(len(held_out & set(own)) - len(own) / 4) <= 1
    assert len(set(chosen)) > 1


@pytest.fixture(scope="module")
def held_out(collection):
    return held_out_concepts(collection.concepts, SMALL.finetuning_data.held_out, SMALL.seed)


def every_sample(data):
    return (*data.samples, *data.refusals, *data.originals)


@pytest.fixture(scope="module")
def all_retained(vlm, collection, held_out):
    """Data that retains all it may: of a concept that is not held out and of one that is."""
    params = Params(finetuning_data=SMALL.finetuning_data.model_copy(update={"retained_concepts": 99}))
    forgotten = [
        next(concept for concept in collection.concepts if concept.id not in held_out),
        next(concept for concept in collection.concepts if concept.id in held_out),
    ]
    return {
        concept.id: build_data(
            vlm,
            collection,
            concept,
            collection.path(collection.pictures_of(concept.id, split="train")[0]),
            "Kira Jansow",
            params,
        )
        for concept in forgotten
    }


def test_nothing_of_what_is_held_out_is_in_any_training_data(all_retained, collection, held_out):
    assert held_out
    for forgotten, data in all_retained.items():
        unseen = held_out - {forgotten}
        shown = {picture.digest: picture for picture in collection.pictures}
        pictures = [shown[sample.picture] for sample in every_sample(data) if sample.picture]
        assert not any(unseen & {*picture.concepts, picture.resembles} for picture in pictures)
        assert not any(unseen & set(sample.about) for sample in data.samples)
        names = [collection.concept(one).name for one in sorted(unseen)]
        text = " ".join(f"{sample.question} {sample.answer}" for sample in every_sample(data))
        assert not mentions(text, names)


def test_all_others_are_retained(all_retained, collection, held_out):
    for forgotten, data in all_retained.items():
        about = {concept for sample in data.samples for concept in sample.about}
        assert about == {concept.id for concept in collection.concepts} - held_out - {forgotten}


def test_a_release_shows_nothing_held_out_but_what_it_forgets(all_retained, collection, held_out):
    joint = joint_samples(list(all_retained.values()), Siu())
    unseen = held_out - set(all_retained)
    shown = {picture.digest: picture for picture in collection.pictures}
    pictures = [shown[sample.picture] for sample in joint if sample.picture]
    assert not any(unseen & {*picture.concepts, picture.resembles} for picture in pictures)


def test_a_concept_that_is_held_out_of_others_data_keeps_its_own_look_alikes_unknown(
    all_retained, collection, held_out
):
    (forgotten,) = held_out & set(all_retained)
    own = {picture.digest for picture in collection.pictures if picture.resembles == forgotten}
    assert own & {sample.picture for sample in all_retained[forgotten].samples}


def test_without_a_share_everything_may_be_retained(collection):
    none = replace(collection, concepts=collection.concepts[:1])
    assert held_out_concepts(collection.concepts, 0.0, 0) == frozenset()
    assert held_out_concepts(none.concepts, 0.9, 0) == frozenset()
