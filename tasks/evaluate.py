"""Evaluate: one concept's answers after unlearning, and its scorecards before and after."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.answers import BEFORE, RETAINED, about_concept, about_retained, ask, question_inputs, read_answers
from tasks.gold import gold_inputs, write_gold_distance
from tasks.job import Job
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.unlearn import ADAPTER, UNLEARN

if TYPE_CHECKING:
    from siu.mmubench import Records

SCORECARDS = "scorecards.json"
RATINGS = "ratings.json"
JUDGE_REPLIES = "judge-replies.jsonl"


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the scorecards."""
    return {
        "adapter": UNLEARN.digest(job, subject),
        **question_inputs(job, [subject, RETAINED]),
        **judge_inputs(job),
        **gold_inputs(job),
    }


def judge_inputs(job: Job) -> dict[str, Any]:
    """Return what determines a judge's ratings; nothing without a judge."""
    judge = job.params.judge
    if judge.source == "none":
        return {}
    return {
        "judge": judge.model_dump(mode="json", include={"source", "url", "model", "revision", "max_tokens"})
    }


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Ask the unlearned model everything and score it."""
    questions = (*about_concept(job, subject), *about_retained(job, [subject]))
    adapter = UNLEARN.output(job, subject) / ADAPTER
    asked_before = all_answers_before(job, subject)
    after = ask(job, adapter, questions, folder, on_progress, asked_before)
    write_scorecards(job, answers_before(job, subject, after), after, folder)
    write_gold_distance(job, subject, adapter, folder)


def answers_before(job: Job, subject: str, after: "Records") -> "Records":
    """Return the base model's records of the same questions, in the same order."""
    before = all_answers_before(job, subject)
    return {question_id: before[question_id] for question_id in after}


def all_answers_before(job: Job, subject: str) -> "Records":
    """Return all records of the base model that bear on a request."""
    return {**read_answers(BEFORE.output(job, subject)), **read_answers(BEFORE.output(job, RETAINED))}


def write_scorecards(job: Job, before: "Records", after: "Records", folder: Path) -> None:
    """Score both model states and write the scorecards side by side, with intervals and units.

    With a judge its ratings are written too, so that the scorecards can be made again from files alone.
    """
    from siu.mmubench import scorecards

    cards = scorecards(before, after, _ratings(job, before, after, folder))
    text = json.dumps(cards, indent=2, ensure_ascii=False) + "\n"
    (folder / SCORECARDS).write_text(text, encoding="utf-8")


def _ratings(
    job: Job, before: "Records", after: "Records", folder: Path
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the judge's ratings before and after by question id; none without a judge."""
    params = job.params
    if params.judge.source == "none":
        return {}, {}
    from siu.mmubench.judge import load_judge, rate
    from siu.mmubench.judge.cache import ReplyCache
    from siu.mmubench.judge.rating import ratings_of

    judge = load_judge(params.judge, params.runtime, job.workspace.root, params.evaluation.batch_size)
    assert judge is not None, "source is not none"
    rated = rate((before, after), judge, ReplyCache(job.workspace.state / JUDGE_REPLIES))
    ratings = ratings_of(before, rated), ratings_of(after, rated)
    text = json.dumps({"before": ratings[0], "after": ratings[1]}, indent=2)
    (folder / RATINGS).write_text(text + "\n", encoding="utf-8")
    return ratings


EVALUATE = Stage(
    "evaluate",
    inputs,
    work,
    makes="records after unlearning, scorecards before and after",
    reads=("before", "unlearn"),
    params=("evaluation", "judge"),
    event="evaluated",
)
