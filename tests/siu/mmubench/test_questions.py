from dataclasses import replace

import pytest

from siu.language.phrasings import questions
from siu.mmubench import answer_questions, concept_questions, retained_questions, scorecard, select
from siu.mmubench.answering import mask_names
from siu.models import Turn, TurnEncoder, new_adapter, save_adapter
from tests.siu.small_world import SMALL


@pytest.fixture(scope="module")
def concept(collection):
    return collection.concepts[0]


@pytest.fixture(scope="module")
def own(collection, concept, data):
    one = collection.pictures_of(concept.id, split="train")[0].digest
    return concept_questions(collection, concept, data, one, SMALL.evaluation)


def test_every_measurement_has_questions(own, collection):
    asked = {question.purpose for question in (*own, *retained_questions(collection, SMALL.evaluation))}
    assert asked >= {
        "efficacy", "name", "yes_no", "picture_fact", "text_fact", "own_attribute", "own_group",
        "stranger_as_concept", "other_name", "other_yes_no", "other_attribute", "other_fact", "stranger",
        "look_alike", "group",
    }  # fmt: skip


def test_generality_asks_unseen_pictures_in_unseen_wordings_that_hide_the_name(
    own, collection, concept, data
):
    unseen = {picture.digest for picture in collection.pictures_of(concept.id)}
    asked = [question for question in own if question.purpose == "name"]
    assert {question.picture for question in asked} <= unseen
    assert {question.text for question in asked} <= set(questions("name", concept.kind, split="test"))
    assert not any(name in question.text for question in asked for name in data.names)


def test_efficacy_asks_the_training_picture(own, collection, concept):
    one = collection.pictures_of(concept.id, split="train")[0].digest
    assert {question.picture for question in own if question.purpose == "efficacy"} == {one}


def test_what_is_forgotten_is_not_asked_as_retained(collection, concept):
    everything = retained_questions(collection, SMALL.evaluation)
    without = retained_questions(collection, SMALL.evaluation, without=frozenset([concept.id]))
    assert set(without) == {question for question in everything if question.concept != concept.id}
    assert len(without) < len(everything)


def test_question_ids_are_unique_and_depend_on_content_alone(own, collection, concept, data):
    one = collection.pictures_of(concept.id, split="train")[0].digest
    again = concept_questions(collection, concept, data, one, SMALL.evaluation)
    assert [question.id for question in again] == [question.id for question in own]
    assert len({question.id for question in own}) == len(own)


def test_a_masked_name_is_one_token_however_it_is_spelled():
    assert mask_names([-1, -2, -3, -4, -5], [False, True, True, False, True], -7) == (-1, -7, -4, -7)
    assert mask_names([-1, -2], [True, False], -7) == mask_names([-1, -9, -2], [True, True, False], -7)


@pytest.fixture(scope="module")
def records(vlm, own, paths):
    return answer_questions(vlm, None, own, paths, SMALL.evaluation)


def test_the_base_model_has_not_forgotten(records):
    card = scorecard(records, records)
    assert card["generality_em"] < 0.2
    assert card["yes_no_em"] < 0.2
    assert card["c_dis"] == 0.0
    assert card["name_probability"] > 0.8


def test_records_mark_the_name_in_the_expected_answer(records):
    for record in records.values():
        assert len(record.name_tokens) == len(record.expected_log_probs)
        if record.question.purpose == "name":
            assert any(record.name_tokens)
            assert not all(record.name_tokens)


def test_the_space_before_a_name_counts_as_part_of_it(vlm, records, paths):
    encoder = TurnEncoder(vlm)
    for record in records.values():
        question = record.question
        if question.purpose == "name":
            turn = encoder.encode(Turn(question.text, question.expected, paths[question.picture]))
            pairs = zip(turn.spans, record.name_tokens, strict=True)
            marked = [question.expected[start:end] for (start, end), on_name in pairs if on_name]
            assert "".join(marked) == f" {question.names[0]}"


def test_only_answers_to_recognition_questions_are_scored_for_fluency(records):
    for record in records.values():
        assert bool(record.reference_log_probs) == (record.question.purpose == "name")


def test_batch_size_changes_no_answer(vlm, own, paths, records):
    small = answer_questions(
        vlm, None, own[:40], paths, SMALL.evaluation.model_copy(update={"batch_size": 3})
    )
    assert {key: one.answer for key, one in small.items()} == {
        key: one.answer for key, one in select(records, own[:40]).items()
    }


def test_an_adapter_that_changes_nothing_gives_the_records_of_the_base_model(
    vlm, own, paths, records, tmp_path
):
    with new_adapter(vlm, SMALL.unlearning.lora, seed=0) as peft_model:
        for name, parameter in peft_model.named_parameters():
            if ".lora_B." in name:
                parameter.data.fill_(1e-30)  # an adapter of zeros would be refused
        save_adapter(peft_model, tmp_path, base="embedded", digest="0")
    named = [question for question in own if question.purpose == "name"][:8]
    for key, one in answer_questions(vlm, tmp_path, named, paths, SMALL.evaluation).items():
        assert one.answer == records[key].answer
        assert one.reference_log_probs == pytest.approx(records[key].reference_log_probs, abs=1e-4)


def test_questions_about_what_is_held_out_are_marked_and_nothing_else_changes(collection):
    held_out = frozenset({collection.concepts[1].id, collection.concepts[2].id})
    of_all = {"held_out_pictures": SMALL.evaluation.other_pictures, "other_groups": 10_000}
    asked = SMALL.evaluation.model_copy(update=of_all)
    plain = retained_questions(collection, asked)
    marked = retained_questions(collection, asked, held_out=held_out)
    assert {question.concept for question in marked if question.held_out} == held_out
    assert all(question.concept not in held_out for question in marked if not question.held_out)
    assert [replace(question, held_out=False) for question in marked] == list(plain)


def test_more_pictures_are_asked_about_what_is_held_out(collection):
    held_out = frozenset({collection.concepts[1].id})
    asked = SMALL.evaluation.model_copy(update={"other_pictures": 1, "held_out_pictures": 3})
    marked = retained_questions(collection, asked, held_out=held_out)
    pictures = {
        question.picture for question in marked if question.held_out and question.purpose == "other_name"
    }
    assert len(pictures) == 3


def test_what_is_held_out_is_asked_about_in_further_group_pictures_and_nobody_beside_it(collection):
    groups = collection.pictures_of(role="group")
    held_out = groups[-1].concepts[0]
    asked = SMALL.evaluation.model_copy(update={"other_groups": 1, "held_out_pictures": 10_000})
    plain = set(retained_questions(collection, asked))
    marked = retained_questions(collection, asked, held_out=frozenset({held_out}))
    further = [question for question in marked if question.purpose == "group" and question.held_out]
    assert {question.concept for question in further} == {held_out}
    assert {question.picture for question in further} == {
        picture.digest for picture in groups if held_out in picture.concepts
    }
    assert {question for question in marked if not question.held_out} < plain


def test_what_is_forgotten_is_not_asked_as_held_out(collection, concept):
    forgotten = frozenset({concept.id})
    asked = retained_questions(collection, SMALL.evaluation, without=forgotten, held_out=forgotten)
    assert not any(question.held_out for question in asked)
