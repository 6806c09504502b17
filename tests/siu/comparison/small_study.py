"""Results of a made-up study."""

from siu.comparison.design import Case, Run
from siu.comparison.result import RunResult
from siu.comparison.study import Method, Study

KEPT = ("specificity_names", "specificity_facts", "specificity_attributes", "look_alikes", "groups")


def study(*methods: str, primary: str | None = None) -> Study:
    return Study(methods={name: Method() for name in methods}, reference=methods[0], primary=primary)


def result(
    method: str, concept: str = "c-0", seed: int = 0, em: float | None = 1.0, kept: float = 0.9
) -> RunResult:
    """A run whose base model names everything and keeps 1.0 of all others."""
    before = {"generality_em": 0.0, "yes_no_em": 0.0, "fluency": 2.0, **dict.fromkeys(KEPT, 1.0)}
    after = {"generality_em": em, "yes_no_em": em, "fluency": 3.0, **dict.fromkeys(KEPT, kept)}
    run = Run(method, Case(concept, seed))
    return RunResult(run, "done", "", before, after, lr=1e-3, steps=4, seconds={"unlearn": 2.0})


def failed(method: str, concept: str = "c-0", seed: int = 0) -> RunResult:
    run = Run(method, Case(concept, seed))
    return RunResult(run, "failed", "E-UNL-001 <b>the loss is not finite", lr=1e-3, steps=4)
