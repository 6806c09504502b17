"""`siu bench public`: specificity on public sets, before and after unlearning."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from flows.terminal.console import plain_console
from flows.terminal.progress import counted
from siu.errors import InputError
from siu.mmubench.judge import load_judge
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.public_sets import NAMES, Result, mean_of, measure_set
from siu.models import load_model
from siu.storage.workspace import Workspace
from tasks.deploy import latest_adapter
from tasks.evaluate import JUDGE_REPLIES

Results = dict[str, dict[str, Result | None]]
"""Model state (``before``, ``after``) to set to what it scored; None where not measured."""


def measure(
    workspace: Workspace, root: Path, names: tuple[str, ...], adapter: Path | None, limit: int | None
) -> Results:
    """Measure the base model, and the adapter where there is one.

    Raises:
        InputError: ``E-PUB-004`` there is no such set, or no folder of one; ``001`` to ``003`` its files.
    """
    chosen = names or tuple(name for name in NAMES if (root / name).is_dir())
    unknown = [name for name in chosen if name not in NAMES]
    if unknown or not chosen:
        what = f"there is no set {unknown[0]!r}" if unknown else "it holds no set's folder"
        raise InputError("E-PUB-004", what, f"Use {', '.join(NAMES)}", str(root))
    params = workspace.params()
    released = adapter or latest_adapter(workspace)
    vlm = load_model(params.base_model, params.runtime, root=workspace.root)
    judge = load_judge(params.judge, params.runtime, workspace.root, params.evaluation.batch_size)
    states: dict[str, Path | None] = {"before": None} | ({"after": released} if released else {})
    results: Results = {state: {} for state in states}
    for name in chosen:
        with counted(f"answers, {name}") as on_done:
            scores = measure_set(
                name,
                root / name,
                vlm,
                tuple(states.values()),
                params.evaluation,
                limit=limit,
                judge=judge,
                cache=ReplyCache(workspace.state / JUDGE_REPLIES),
                on_done=on_done,
            )
        for state, result in zip(states, scores, strict=True):
            results[state][name] = result
    return results


def show(results: Results, as_json: bool) -> None:
    """Print the results as a table or as JSON, with the mean of the sets measured."""
    if as_json:
        content = {
            state: {
                "sets": {name: asdict(score) if score else None for name, score in by_set.items()},
                "mean": mean_of(by_set),
            }
            for state, by_set in results.items()
        }
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
        return
    table = Table("set", "questions", *results)
    for name, first in results["before"].items():
        questions = str(first.questions) if first else ""
        table.add_row(name, questions, *(_value(by_set[name]) for by_set in results.values()))
    means = (mean_of(by_set) for by_set in results.values())
    table.add_row("mean", "", *("not measured" if mean is None else f"{mean:.3f}" for mean in means))
    plain_console().print(table)


def _value(result: Result | None) -> str:
    if result is None:
        return "not measured"
    ends = "" if result.interval is None else " ({:.2f}–{:.2f})".format(*result.interval)
    return f"{result.value:.3f}{ends}"
