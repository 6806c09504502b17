"""`siu bench score`: another unlearning benchmark by its own rule, before and after unlearning."""

from pathlib import Path

from rich.table import Table

from flows.terminal.console import plain_console
from flows.terminal.progress import counted
from siu.mmubench.judge import load_judge
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.unlearning_sets import Forget, Measured, measure_unlearning_set
from siu.mmubench.unlearning_sets.measure import check_forget
from siu.models import load_model
from siu.storage.workspace import Workspace
from tasks.deploy import latest_adapter
from tasks.evaluate import JUDGE_REPLIES

Results = dict[str, list[Measured]]
"""Model state (``before``, ``after``) to what it scored."""


def measure(
    workspace: Workspace,
    form: str,
    source: Path,
    adapter: Path | None,
    forget: Forget | None,
    limit: int | None,
) -> Results:
    """Measure the base model, and the adapter where there is one.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form, ``006`` a row has, ``007`` the set leaves
            nothing to choose about what is forgotten.
    """
    check_forget(form, forget)
    params = workspace.params()
    released = adapter or latest_adapter(workspace)
    vlm = load_model(params.base_model, params.runtime, root=workspace.root)
    states: dict[str, Path | None] = {"before": None} | ({"after": released} if released else {})
    with counted("answers") as on_done:
        scores = measure_unlearning_set(
            form,
            source,
            vlm,
            tuple(states.values()),
            params.evaluation,
            forget=forget,
            limit=limit,
            judge=load_judge(params.judge, params.runtime, workspace.root, params.evaluation.batch_size),
            cache=ReplyCache(workspace.state / JUDGE_REPLIES),
            on_done=on_done,
        )
    return dict(zip(states, scores, strict=True))


def show(results: Results) -> None:
    """Print the results as a table."""
    table = Table("measure", "facts", *results)
    for row in zip(*results.values(), strict=True):
        table.add_row(row[0].name, str(row[0].facts), *(_value(measured) for measured in row))
    plain_console().print(table)


def _value(measured: Measured) -> str:
    return "not measured" if measured.value is None else f"{measured.value:.3f}"
