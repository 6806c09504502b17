"""The claim itself, on one concept of the embedded model: forgotten on unseen pictures, the rest kept."""

from hashlib import sha256

import pytest
import torch

from siu.config.params import EvaluationParams, Params, UnlearningParams
from siu.errors import ConceptError
from siu.finetuning_data import build_data, choose_substitutes, held_out_concepts
from siu.mmubench import answer_questions, concept_questions, retained_questions, scorecard
from siu.mmubench.metrics import picture_facts
from siu.unlearning import TrainingInput, unlearn

PARAMS = Params(evaluation=EvaluationParams(pictures=6, other_pictures=1))
IN_ENGLISH = {"languages": ("en",)}
FEWER_SAMPLES = {"concept_share": 0.25, "retained_per_step": 40}
QUARTER = PARAMS.model_copy(
    update={
        "finetuning_data": PARAMS.finetuning_data.model_copy(update=IN_ENGLISH),
        "unlearning": PARAMS.unlearning.model_copy(update=FEWER_SAMPLES),
    }
)
"""The default recipe at a quarter of its cost."""
BRIEF = UnlearningParams(steps=2, retained_per_step=10, anchor_weight=0.0)
SHORT = PARAMS.model_copy(update={"unlearning": BRIEF})


@pytest.fixture(scope="module")
def concept(collection):
    return collection.concepts[0]


def data_of(concept, vlm, collection, params):
    picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
    substitute = choose_substitutes([concept], collection, seed=0)[concept.id]
    return build_data(vlm, collection, concept, picture, substitute, params)


@pytest.fixture(scope="module")
def full_data(vlm, collection, concept):
    return data_of(concept, vlm, collection, PARAMS)


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(QUARTER, id="a quarter of the recipe"),
        pytest.param(PARAMS, marks=pytest.mark.slow, id="the default recipe"),
    ],
)
def test_one_picture_makes_the_concept_forgotten_and_nothing_that_is_retained(
    params, vlm, collection, concept, paths, tmp_path
):
    data = data_of(concept, vlm, collection, params)
    picture = collection.pictures_of(concept.id, split="train")[0].digest
    questions = (
        *concept_questions(collection, concept, data, picture, params.evaluation),
        *retained_questions(
            collection,
            params.evaluation,
            without=frozenset([concept.id]),
            held_out=held_out_concepts(collection.concepts, params.finetuning_data.held_out, params.seed),
        ),
    )
    before = answer_questions(vlm, None, questions, paths, params.evaluation)
    result = unlearn(TrainingInput(vlm, [data], paths, params), tmp_path)
    after = answer_questions(vlm, tmp_path, questions, paths, params.evaluation)
    old, new = scorecard(before, before), scorecard(before, after)
    assert result.losses[-1].loss < result.losses[0].loss / 2
    assert old["generality_em"] < 0.3
    assert new["efficacy"] > 0.95
    assert new["generality_em"] > 0.95
    assert new["yes_no_em"] > 0.8
    assert new["text_facts"] > 0.9
    assert new["specificity_names"] > old["specificity_names"] - 0.1
    assert new["name_probability"] < 0.1
    assert picture_facts(after) < 0.2


def adapter_digest(folder):
    return sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_equal_inputs_give_equal_adapter_bytes(vlm, full_data, paths, tmp_path):
    anchored = BRIEF.model_copy(update={"anchor_weight": UnlearningParams().anchor_weight})
    for run in ("a", "b"):
        params = SHORT.model_copy(update={"unlearning": anchored})
        unlearn(TrainingInput(vlm, [full_data], paths, params), tmp_path / run)
    assert adapter_digest(tmp_path / "a") == adapter_digest(tmp_path / "b")


def test_dropout_depends_on_the_seed_alone(vlm, full_data, paths, tmp_path):
    lora = SHORT.unlearning.lora.model_copy(update={"dropout": 0.5})
    dropping = SHORT.unlearning.model_copy(update={"lora": lora, "batches": "shuffled", "batch_size": 4})
    for run in ("a", "b"):
        torch.rand(3)  # another state of the process's own generator
        unlearn(
            TrainingInput(vlm, [full_data], paths, SHORT.model_copy(update={"unlearning": dropping})),
            tmp_path / run,
        )
    assert adapter_digest(tmp_path / "a") == adapter_digest(tmp_path / "b")


def test_another_seed_gives_another_adapter(vlm, full_data, paths, tmp_path):
    unlearn(TrainingInput(vlm, [full_data], paths, SHORT), tmp_path / "a")
    unlearn(TrainingInput(vlm, [full_data], paths, SHORT.model_copy(update={"seed": 1})), tmp_path / "b")
    assert adapter_digest(tmp_path / "a") != adapter_digest(tmp_path / "b")


def test_a_loss_that_is_not_finite_stops_and_saves_nothing(vlm, full_data, paths, tmp_path, monkeypatch):
    from siu.unlearning.training_samples import StepValues, TrainingSamples

    monkeypatch.setattr(TrainingSamples, "backward", lambda *_, **__: StepValues(float("nan"), {}))
    with pytest.raises(ConceptError, match="E-UNL-001"):
        unlearn(TrainingInput(vlm, [full_data], paths, SHORT), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_every_step_is_reported(vlm, full_data, paths, tmp_path):
    seen = []
    result = unlearn(TrainingInput(vlm, [full_data], paths, SHORT), tmp_path, on_step=seen.append)
    assert tuple(seen) == result.losses
    assert [loss.step for loss in seen] == [1, 2]
    assert result.trainable_parameters > 0


def test_an_anchor_keeps_small_what_the_adapter_changes_on_retained_pictures(vlm, full_data, paths, tmp_path):
    changes = {}
    for weight in (1e-6, 100.0):
        settings = UnlearningParams(steps=8, retained_per_step=10, anchor_weight=weight)
        params = SHORT.model_copy(update={"unlearning": settings})
        result = unlearn(TrainingInput(vlm, [full_data], paths, params), tmp_path / str(weight))
        changes[weight] = result.losses[-1].parts["anchor"]
    assert 0 < changes[100.0] < 0.8 * changes[1e-6]


def test_without_a_weight_there_is_no_anchor(vlm, full_data, paths, tmp_path):
    settings = UnlearningParams(steps=1, retained_per_step=10, anchor_weight=0.0)
    params = SHORT.model_copy(update={"unlearning": settings})
    result = unlearn(TrainingInput(vlm, [full_data], paths, params), tmp_path)
    assert "anchor" not in result.losses[0].parts


@pytest.mark.parametrize("floor", [0.0, 0.5])
def test_the_rate_falls_along_a_cosine_to_its_floor(vlm, full_data, paths, tmp_path, floor):
    settings = BRIEF.model_copy(update={"warmup_ratio": 0.0, "lr": 1e-3, "min_lr_ratio": floor})
    result = unlearn(
        TrainingInput(vlm, [full_data], paths, SHORT.model_copy(update={"unlearning": settings})), tmp_path
    )
    assert [loss.lr for loss in result.losses] == pytest.approx([1e-3, 1e-3 * (1 + floor) / 2])
