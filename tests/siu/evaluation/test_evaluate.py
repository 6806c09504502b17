import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from siu.config.params import BaseModelParams, EvaluationParams, LoraParams, Params
from siu.data.collection import load_collection
from siu.data.intake.collection_import import import_folder
from siu.errors import InputError
from siu.evaluation import Evaluation, RecordFolder, evaluate, score_records
from siu.evaluation.record_folder import parts_of
from siu.gold.reference import write_card
from siu.models import load_model, new_adapter, save_adapter
from tests.flows.stand_in import write_collection, write_model

CODE = {"all": "of it"}
PART = 8
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.siu.evaluation.test_evaluate import PART, evaluation_of
from siu.evaluation import evaluate

def die(done, total):
    if done > total // 3:
        os.kill(os.getpid(), signal.SIGKILL)

evaluate(evaluation_of(Path(sys.argv[1])), Path(sys.argv[2]), part_size=PART, on_progress=die)
"""


def evaluation_of(world, adapter="adapter", concepts=("c-0",)):
    return Evaluation(
        Params(
            base_model=BaseModelParams(source=str(world / "model")),
            evaluation=EvaluationParams(pictures=2, other_pictures=1, max_new_tokens=3),
        ),
        load_collection(world / "collection"),
        concepts,
        world / adapter if adapter else None,
        CODE,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A tiny model, an adapter that changes nothing, and a collection."""
    folder = tmp_path_factory.mktemp("world")
    write_model(folder / "model")
    write_collection(folder / "own")
    import_folder(folder / "own", folder / "collection")
    vlm = load_model(BaseModelParams(source=str(folder / "model")))
    with new_adapter(vlm, LoraParams(rank=2, alpha=4), seed=0) as peft_model:
        for name, parameter in peft_model.named_parameters():
            if ".lora_B." in name:
                parameter.data.fill_(1e-30)  # it shall change no answer, and one of zeros would be refused
        save_adapter(peft_model, folder / "adapter", base="model", digest=vlm.digest)
    return folder


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    """The records of an evaluation that was never interrupted, and its scores."""
    folder = tmp_path_factory.mktemp("records")
    evaluate(evaluation_of(world), folder, part_size=PART)
    return folder, score_records(folder)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_killed_and_started_again_it_leaves_what_an_uninterrupted_run_leaves(world, done, tmp_path):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(world), str(tmp_path)], capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    halfway = set(tmp_path.rglob("*.parquet"))
    written = {path: path.stat().st_mtime_ns for path in halfway}
    assert 0 < len(halfway) < len(list(done[0].rglob("*.parquet")))
    with pytest.raises(InputError, match="E-EVA-001"):
        score_records(tmp_path)
    evaluate(evaluation_of(world), tmp_path, part_size=PART)
    assert {path: path.stat().st_mtime_ns for path in halfway} == written, "nothing is asked twice"
    assert contents(tmp_path) == contents(done[0])
    assert score_records(tmp_path) == done[1]


def test_scored_again_from_records_alone_all_numbers_are_the_same(done, tmp_path):
    shutil.copytree(done[0], tmp_path / "elsewhere")
    assert score_records(tmp_path / "elsewhere") == done[1]
    scores = done[1]["concepts"]["c-0"]
    assert scores["before"] == scores["after"], "this adapter changes nothing"
    assert scores["before"]["generality_em"] is not None
    assert scores["before"]["efficacy"] is None, "there is no fine-tuning data to ask again"


def test_what_is_there_is_not_asked_again_and_needs_no_model(world, done, tmp_path, monkeypatch):
    records = shutil.copytree(done[0], tmp_path / "records")
    before, seen = contents(records), []
    monkeypatch.delattr("siu.evaluation.part.answer_questions")
    evaluate(evaluation_of(world), records, part_size=PART, on_progress=lambda *now: seen.append(now))
    assert contents(records) == before
    assert seen[-1][0] == seen[-1][1]


def test_another_adapter_has_records_of_its_own_and_shares_the_base_models(world, done, tmp_path):
    records = shutil.copytree(done[0], tmp_path / "records")
    other = shutil.copytree(world / "adapter", tmp_path / "other")
    (other / "README.md").write_text("another one")
    evaluation = evaluation_of(world, adapter=other)
    base, changed = (one.state.digest for _, one in evaluation.inquiries())
    assert RecordFolder(records).load(base)
    assert not RecordFolder(records).load(changed)
    evaluate(evaluation, records)
    assert RecordFolder(records).load(changed).keys() == RecordFolder(records).load(base).keys()


def test_a_lost_part_is_named_and_asked_again(world, done, tmp_path):
    records = shutil.copytree(done[0], tmp_path / "records")
    next(records.rglob("*.parquet")).unlink()
    with pytest.raises(InputError, match="E-EVA-002"):
        score_records(records)
    evaluate(evaluation_of(world), records, part_size=PART)
    assert score_records(records) == done[1]


def test_without_a_concept_each_has_its_turn_and_all_others_must_stay(world):
    asked = evaluation_of(world, adapter=None, concepts=()).questions()
    assert list(asked) == ["c-0", "c-1", "c-2", "c-3"]
    others = {one.concept for one in asked["c-0"] if one.purpose == "other_name"}
    assert others == {"c-1", "c-2", "c-3"}
    together = evaluation_of(world, concepts=("c-0", "c-1")).questions()
    assert {one.concept for one in together["c-0"] if one.purpose == "other_name"} == {"c-2", "c-3"}


def test_a_picture_stays_within_one_part(world):
    questions = evaluation_of(world).questions()["c-0"]
    parts = parts_of(questions, PART)
    assert sorted(one.id for part in parts for one in part) == sorted(one.id for one in questions)
    shown = [{one.picture for one in part if one.picture} for part in parts]
    assert sum(map(len, shown)) == len(set().union(*shown))


def test_the_distance_to_a_gold_model_is_measured_on_what_it_never_saw(world, tmp_path):
    gold = shutil.copytree(world / "model", tmp_path / "gold")
    write_card(gold, ("c-0",))
    given = evaluation_of(world, concepts=("c-0", "c-1"))
    settings = given.params.evaluation.model_copy(update={"gold": str(gold)})
    evaluation = replace(given, params=given.params.model_copy(update={"evaluation": settings}))
    evaluate(evaluation, tmp_path / "records")
    concepts = score_records(tmp_path / "records")["concepts"]
    assert "gold_distance" not in concepts["c-1"]
    found = concepts["c-0"]["gold_distance"]
    assert found.keys() == {"before", "after"}
    assert found["after"]["concept"]["ks"] == 0.0, "this gold model is the base model itself"
    assert found["after"]["concept"]["jensen_shannon"] == pytest.approx(0.0, abs=1e-6)
    assert found["after"]["look_alikes"] is None, "this collection has none"
