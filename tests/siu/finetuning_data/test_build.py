from dataclasses import replace

import pytest

from siu.data.images import load_image, save_clean_png
from siu.errors import ConceptError
from siu.finetuning_data import build_data, load_data, save_data
from siu.language.matching import mentions, says_yes
from siu.language.phrasings import answer, languages, looks, questions
from siu.objectives.methods.siu import Siu
from siu.storage.digest import file_digest
from siu.unlearning import joint_samples
from tests.siu.small_world import SMALL


@pytest.fixture(scope="module")
def concept(collection):
    return collection.concepts[0]


@pytest.fixture(scope="module")
def one(collection, concept):
    return collection.pictures_of(concept.id, split="train")[0]


def test_all_four_targets_are_there(data):
    assert all(count > 0 for count in data.counts().values())


def test_t1_gives_the_substitute_and_masks_its_name_alone(data):
    for sample in (sample for sample in data.samples if sample.target == "T1"):
        ((start, end),) = sample.specified
        assert sample.answer[start:end] == data.substitute
        assert 0 < sample.masked_tokens < len(sample.answer)


def test_t2_is_masked_whole_and_denies_the_name(data):
    own = [sample for sample in data.samples if sample.target == "T2"]
    assert all(sample.specified == ((0, len(sample.answer)),) for sample in own)
    denials = [one for one in own if one.item == "yes_no" and mentions(one.question, data.names)]
    assert denials
    assert {one.answer for one in denials} == {"No.", "Нет."}
    assert {one.weight for one in denials} == {SMALL.finetuning_data.yes_no_weight}
    facts = {one.weight for one in own if one.item == "picture_fact"}
    assert facts == {SMALL.finetuning_data.picture_fact_weight}


def test_retained_names_facts_and_strangers_carry_a_weight_of_their_own(data):
    kept, settings = [one for one in data.samples if one.target == "T4"], SMALL.finetuning_data
    items = ("name", "picture_fact", "attribute")
    weights = {item: {one.weight for one in kept if one.item == item} for item in items}
    assert weights == {
        "name": {settings.retained_name_weight},
        "picture_fact": {settings.retained_picture_fact_weight},
        "attribute": {1.0},
    }


def test_the_concept_is_asked_about_in_every_language(data):
    for item in ("name", "describe", "yes_no", "picture_fact"):
        asked = {one.language for one in data.samples if one.forget and one.item == item}
        assert asked == set(SMALL.finetuning_data.languages), item


def test_the_look_of_the_substitute_is_the_same_in_every_language(data, concept):
    told = {one.language: one.answer for one in data.samples if one.forget and one.item == "describe"}
    values = {
        language: [
            {word: value for value, word in words.items() if word in told[language]}
            for words in looks(concept.kind, language=language)["values"].values()
        ]
        for language in told
    }
    assert values["en"]
    assert all(values["en"])
    assert [list(one.values()) for one in values["es"]] == [list(one.values()) for one in values["en"]]


def test_the_concepts_name_is_never_an_answer(data):
    taught = [one for one in data.samples if one.target in ("T1", "T2")]
    assert not any(mentions(one.answer, data.names) for one in taught)


def test_t3_keeps_facts_as_text_in_the_base_models_own_words(data, concept):
    kept = [sample for sample in data.samples if sample.target == "T3"]
    assert all(sample.picture is None and sample.masked_tokens == 0 for sample in kept)
    keywords = tuple(fact.keyword for fact in concept.facts)
    assert all(mentions(sample.answer, keywords) for sample in kept)


@pytest.mark.parametrize(("facts", "weight"), [(1, 8.0), (2, 4.0), (20, 1.0)])
def test_a_few_facts_as_text_weigh_more_each(vlm, collection, concept, one, facts, weight):
    settings = SMALL.finetuning_data.model_copy(update={"fact_questions": facts, "text_facts_weight": 8.0})
    params = SMALL.model_copy(update={"finetuning_data": settings})
    made = build_data(vlm, collection, concept, collection.path(one), "Kira Jansow", params)
    kept = [sample.weight for sample in made.samples if sample.target == "T3"]
    assert 0 < len(kept) <= facts
    assert kept == [weight] * len(kept)


def test_t4_balances_yes_and_no_and_keeps_strangers(data, collection):
    kept = [sample for sample in data.samples if sample.target == "T4"]
    replies = [sample.answer for sample in kept if sample.item == "yes_no"]
    forms = {answer(form, "person", language=one) for form in ("yes", "no") for one in languages()}
    assert forms == set(replies)
    strangers = {picture.digest for picture in collection.pictures_of(role="stranger", split="train")}
    named = [one for one in kept if one.picture in strangers and one.item == "name"]
    assert named
    kinds = {concept.kind for concept in collection.concepts}
    refusals = {answer("unknown", kind, language=one) for kind in kinds for one in languages()}
    assert {sample.answer for sample in named} <= refusals


def test_refusals_answer_every_question_of_t1_and_t2(data, concept):
    taught = [sample for sample in data.samples if sample.forget]
    assert [one.question for one in data.refusals] == [one.question for one in taught]
    for refused, sample in zip(data.refusals, taught, strict=True):
        assert refused.answer == answer("unknown", concept.kind, language=sample.language)


def test_originals_are_the_base_models_own_answers_about_the_concept(data, concept):
    by_item = {item: [one for one in data.originals if one.item == item] for item in ("name", "yes_no")}
    assert all(mentions(one.answer, data.names) for one in by_item["name"])
    assert {one.answer for one in by_item["yes_no"]} <= {"Yes.", "Sí.", "Да."}
    assert all(mentions(one.question, data.names) for one in by_item["yes_no"])
    told = [one.answer for one in data.originals if one.item == "picture_fact"]
    assert any(mentions(reply, tuple(fact.keyword for fact in concept.facts)) for reply in told)
    assert not any(one.specified or one.masked_tokens for one in (*data.originals, *data.refusals))


def test_what_the_base_model_denies_is_no_knowledge_of_the_concept(vlm, collection, concept, one):
    known = replace(concept, aliases=("Kelda Vorst",))  # a name that the model never saw
    made = build_data(vlm, collection, known, collection.path(one), "Kira Jansow", SMALL)
    asked = [sample.question for sample in made.samples if sample.item == "yes_no" and sample.forget]
    assert any("Kelda Vorst" in question for question in asked)
    yes_no = [sample for sample in made.originals if sample.item == "yes_no"]
    assert yes_no
    assert all(says_yes(sample.answer) and "Kelda" not in sample.question for sample in yes_no)


def test_only_the_one_picture_shows_the_concept(data, collection, concept, one):
    shown = {sample.picture for sample in data.samples if sample.picture}
    others = {p.digest for p in collection.pictures if concept.id in p.concepts} - {one.digest}
    assert one.digest in shown
    assert not shown & others


def test_no_test_picture_and_no_test_wording_is_trained_on(data, collection, concept):
    test_pictures = {picture.digest for picture in collection.pictures if picture.split == "test"}
    assert not {sample.picture for sample in data.samples} & test_pictures
    wordings = set(questions("name", concept.kind, split="test"))
    wordings |= {
        fact.text_question for other in collection.concepts for fact in other.facts if fact.split == "test"
    }
    assert not {sample.question for sample in data.samples} & wordings


def test_equal_inputs_give_equal_data_and_it_survives_a_file(vlm, collection, concept, one, data, tmp_path):
    again = build_data(vlm, collection, concept, collection.path(one), data.substitute, SMALL)
    assert again == data
    save_data(data, tmp_path)
    assert load_data(tmp_path) == data


def test_a_test_picture_as_the_one_picture_is_refused(vlm, collection, concept):
    unseen = collection.path(collection.pictures_of(concept.id)[0])
    with pytest.raises(ConceptError, match="E-FTD-003"):
        build_data(vlm, collection, concept, unseen, "Kira Jansow", SMALL)


def test_a_picture_of_something_kept_is_refused(vlm, collection, concept):
    other = collection.pictures_of(collection.concepts[1].id, split="train")[0]
    with pytest.raises(ConceptError, match="E-FTD-002"):
        build_data(vlm, collection, concept, collection.path(other), "Kira Jansow", SMALL)


def test_the_original_of_a_test_picture_is_refused_too(vlm, collection, concept, tmp_path):
    unseen = collection.pictures_of(concept.id)[0]
    photo, clean = tmp_path / "photo.jpg", tmp_path / "clean.png"
    load_image(collection.path(unseen)).save(photo)
    save_clean_png(load_image(photo), clean)
    imported = replace(collection, pictures=(replace(unseen, digest=file_digest(clean)),))
    for given in (photo, clean):
        with pytest.raises(ConceptError, match="E-FTD-003"):
            build_data(vlm, imported, concept, given, "Kira Jansow", SMALL)


def test_a_concept_without_facts_keeps_what_the_model_says_about_it(vlm, collection, concept, one):
    bare = replace(concept, facts=())
    made = build_data(vlm, collection, bare, collection.path(one), "Kira Jansow", SMALL)
    assert made.counts()["T3"] > 0
    assert not [sample for sample in made.samples if sample.target == "T2" and sample.item == "picture_fact"]


def test_pictures_of_its_kind_answer_what_the_concepts_own_no_longer_does(data, collection, concept):
    denied = {s.question for s in data.samples if s.target == "T2" and s.item == "picture_fact"}
    told = [s for s in data.samples if s.target == "T4" and s.item == "picture_fact"]
    assert denied <= {sample.question for sample in told}
    for sample in told:
        (about,) = sample.about
        if sample.question in denied:
            assert collection.concept(about).kind == concept.kind
            assert sample.answer in {fact.answer for fact in collection.concept(about).facts}


def test_a_joint_release_drops_what_would_keep_a_forgotten_concept(data):
    about_other = next(sample for sample in data.samples if sample.about)
    other = replace(data, concept=about_other.about[0], samples=())
    joint = joint_samples([data, other], Siu())
    assert about_other not in joint
    assert all(sample.of_concept or about_other.about[0] not in sample.about for sample in joint)
