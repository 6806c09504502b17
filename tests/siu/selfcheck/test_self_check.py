"""A small self-check: real models, real controls, few concepts and pictures."""

from dataclasses import replace

import pytest

from siu.config.params import EvaluationParams, FinetuningDataParams, GateParams, Params
from siu.selfcheck import as_dict, page, self_check
from siu.selfcheck.controls import ANOTHER, COLLAPSED, DENIES, NOISE, REFUSES
from siu.selfcheck.planted import PLANTS, RATES, SAMPLES
from siu.selfcheck.verdicts import BASE, GOLD
from siu.worlds.drawn import gold_folder

CONCEPTS = ("c01", "c02", "c03", "c11", "c12")
NEVER_SEEN = ("c02", "c11")
BASE_PARAMS = Params()
PARAMS = Params(
    finetuning_data=FinetuningDataParams(views=1, fact_questions=4),
    unlearning=BASE_PARAMS.unlearning.model_copy(update={"steps": 14, "retained_per_step": 40}),
    evaluation=EvaluationParams(pictures=6, questions_per_picture=2),
    gates=GateParams(
        confidence=0.5,
        generality_em=0.8,
        description_em=0.8,
        group_em=0.5,
        garbled_pictures=0.2,
        partly_named_rate=0.2,
        yes_no_em=0.8,
        picture_facts=0.2,
        specificity_drop=0.3,
    ),
)


@pytest.fixture(scope="session")
def check(collection, tmp_path_factory):
    few = replace(
        collection,
        concepts=tuple(one for one in collection.concepts if one.id in CONCEPTS),
        pictures=tuple(one for one in collection.pictures if set(one.concepts) <= set(CONCEPTS)),
    )
    folder = tmp_path_factory.mktemp("controls")
    return self_check(
        PARAMS, few, gold_folder(), NEVER_SEEN, folder, speed_questions=24, draws=4, planted_draws=1
    )


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        (BASE, "failed"),
        (ANOTHER, "failed"),
        (NOISE, "failed"),
        (REFUSES, "damaged"),
        (COLLAPSED, "damaged"),
        (DENIES, "damaged"),
        (GOLD, "erased"),
    ],
)
def test_every_control_gets_the_verdict_it_must_get(check, model, verdict):
    result = next(one for one in check.controls if one.model == model)
    assert {concept: one.verdict for concept, one in result.verdicts.items()} == dict.fromkeys(
        NEVER_SEEN, verdict
    ), result.verdicts


def test_metrics_of_recognition_see_what_the_gold_model_never_saw(check):
    strength = {one.metric: one.strength for one in check.separations}
    for metric in ("generality_em", "naming_rate", "yes_no_em", "name_probability", "picture_facts"):
        assert strength[metric] >= 0.95, metric
    assert strength["efficacy"] is None


def test_answers_in_float32_do_not_depend_on_batches(check):
    assert check.changed[0].what.startswith("float32")
    assert check.changed[0].questions >= 24
    assert check.changed[0].share == 0


def test_the_page_and_the_numbers_say_what_came_out(check):
    text, numbers = page(check), as_dict(check)
    assert check.passed
    assert numbers["passed"]
    assert "| gold model | `erased` | 2 of 2 |" in text
    assert all(f"`{metric}`" in text or metric in text for metric in numbers["auc"])
    assert all(f"`{metric}`" in text for metric in numbers["weak"])


def test_leaks_that_are_planted_are_seen_for_the_right_reason(check):
    clear = [result for result in check.planted if result.rate == max(RATES)]
    assert {result.leak for result in clear} == {*PLANTS, SAMPLES}
    for result in clear:
        assert result.verdicts == len(NEVER_SEEN)
        if result.leak != SAMPLES:  # its chance is small in so few draws
            assert (result.erased, result.explained) == (0, result.verdicts), result
