import json

import pytest

from siu.config.params import JudgeParams, Params
from siu.mmubench import Question, Record
from tasks.evaluate import RATINGS, SCORECARDS, judge_inputs, write_scorecards
from tasks.job import Job
from tasks.runtime.code import code_digests
from tests.siu.mmubench.judge.server import chat_server


def state(answer):
    question = Question("name", "Who is this?", "This is Mira.", (), "c-1", None, ("Mira",), "Kira")
    return {question.id: Record(question, answer, (-1.0,), (True,))}


def job(workspace, judge):
    return Job(workspace, Params(judge=judge), (), "", "", code_digests())


def cards(folder):
    return json.loads((folder / SCORECARDS).read_text())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_with_a_judge_g_eval_and_its_ratings_are_written(workspace, folder, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with chat_server(lambda prompt: f"Rating: {5 if '>Mira<' in prompt else 2}") as server:
        asked = JudgeParams(source="endpoint", url=server.url, model="m", requests_per_minute=60_000)
        for _ in range(2):
            write_scorecards(job(workspace, asked), state("Mira"), state("Kira"), folder)
        assert len(server.asked) == 2, "the second time all replies are there"
    assert (cards(folder)["before"]["g_eval"], cards(folder)["after"]["g_eval"]) == (5.0, 2.0)
    ratings = json.loads((folder / RATINGS).read_text())
    assert list(ratings["after"].values()) == [2]


def test_without_a_judge_g_eval_is_not_measured(workspace, folder):
    write_scorecards(job(workspace, JudgeParams()), state("Mira"), state("Kira"), folder)
    assert cards(folder)["after"]["g_eval"] is None
    assert not (folder / RATINGS).exists()


def test_only_what_decides_a_rating_makes_scorecards_stale(workspace):
    one = JudgeParams(source="local", model="judge")
    other_pace = one.model_copy(update={"requests_per_minute": 1, "key_variable": "X"})
    other_model = one.model_copy(update={"model": "another"})
    assert judge_inputs(job(workspace, JudgeParams())) == {}
    assert judge_inputs(job(workspace, one)) == judge_inputs(job(workspace, other_pace))
    assert judge_inputs(job(workspace, one)) != judge_inputs(job(workspace, other_model))
