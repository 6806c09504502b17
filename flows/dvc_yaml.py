"""The jobs of a batch as ``dvc.yaml`` describes them: thin stages that call `siu`.

Folders accumulate outputs named by their plan digest, so they persist: a stage that DVC starts again finds
what is there and adds what is missing. What of params.yaml a stage reads decides when DVC starts it.
"""

from dataclasses import dataclass

TABLE = ("requests.csv", "requests")
DATA = ("data/collection", "data/base_model")
READ = ("seed", "finetuning_data", "unlearning", "evaluation", "judge", "attacks", "release", "gates")
"""All that a batch's results depend on. Back at earlier values no folder changes, as all are kept: only
this tells DVC that another report is the batch's."""


@dataclass(frozen=True)
class DvcStage:
    """One stage of ``dvc.yaml``.

    Attributes:
        name: The stage.
        command: What DVC runs.
        deps: Files and folders it reads.
        params: Keys of params.yaml it reads.
        outs: Folders it fills; kept from run to run unless it makes them anew.
        persist: Whether they are kept.
    """

    name: str
    command: str
    deps: tuple[str, ...]
    params: tuple[str, ...]
    outs: tuple[str, ...]
    persist: bool = True


STAGES = (
    DvcStage("prepare", "siu prepare", (), ("seed", "data", "base_model"), DATA, persist=False),
    DvcStage(
        "construct",
        "siu batch --until construct",
        (*TABLE, *DATA),
        ("seed", "finetuning_data", "evaluation.max_new_tokens"),
        ("artifacts/construct",),
    ),
    DvcStage(
        "before",
        "siu batch --until before",
        ("artifacts/construct",),
        ("evaluation",),
        ("artifacts/before",),
    ),
    DvcStage(
        "unlearn",
        "siu batch --until unlearn",
        ("artifacts/construct", "artifacts/before"),
        ("seed", "unlearning", "gates.known"),
        ("artifacts/unlearn",),
    ),
    DvcStage(
        "evaluate",
        "siu batch --until evaluate",
        ("artifacts/before", "artifacts/unlearn"),
        ("evaluation", "judge"),
        ("artifacts/evaluate",),
    ),
    DvcStage(
        "attack",
        "siu batch --until attack",
        ("artifacts/unlearn", "artifacts/evaluate"),
        ("seed", "attacks"),
        ("artifacts/attack",),
    ),
    DvcStage(
        "release",
        "siu batch --until release",
        (*TABLE, "artifacts/attack"),
        ("release", "attacks.release", "gates.known"),
        (
            "artifacts/release",
            "artifacts/released-answers",
            "artifacts/released",
            "artifacts/replay",
            "state/models",
        ),
    ),
    DvcStage(
        "report",
        "siu batch --until report",
        (*TABLE, *DATA, "artifacts/attack", "artifacts/released"),
        READ,
        ("artifacts/report", "reports"),
    ),
)
METRICS = """\
    metrics:
    - metrics/summary.json:
        cache: false
    plots:
    - plots/losses.csv:
        x: step
        y: loss
"""


def dvc_yaml() -> str:
    """Return the text of ``dvc.yaml``."""
    head = "# Written by `siu init`; see docs/dvc.md. Only the plan digest decides what is done again.\n"
    return f"{head}stages:\n" + "".join(map(_stage, STAGES))


def _stage(stage: DvcStage) -> str:
    lines = [f"  {stage.name}:", f"    cmd: {stage.command}"]
    if stage.deps:
        lines += ["    deps:", *(f"    - {dep}" for dep in stage.deps)]
    lines += ["    params:", *(f"    - {param}" for param in stage.params), "    outs:"]
    for out in stage.outs:
        lines += [f"    - {out}:", "        persist: true"] if stage.persist else [f"    - {out}"]
    return "\n".join(lines) + "\n" + (METRICS if stage.name == "report" else "")
